// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <algorithm>

namespace driftguard::report {

ReportRules rules_of(const Config& config) {
  ReportRules rules;
  rules.ks.p_min = config.ks_p_min;
  rules.ks.samples_min = static_cast<std::uint64_t>(config.ks_samples_min);
  rules.psi.psi_max = config.psi_max;
  rules.psi.floor = config.psi_floor;
  rules.psi.categories_max = static_cast<std::size_t>(config.psi_categories_max);
  rules.measures = {config.chisquare_p_min,   config.cramer_von_mises_p_min,
                    config.jensenshannon_max, config.hellinger_max,
                    config.tvd_max,           config.wasserstein_max,
                    rules.ks.samples_min,     rules.psi.categories_max};
  rules.schema.p_min = config.schema_p_min;
  rules.schema.samples_min = rules.ks.samples_min;
  rules.slo = {config.slo_success_min, config.slo_p95_max};
  return rules;
}

ReportRules rules_of(const Config& config, const baseline::Baseline* baseline) {
  ReportRules rules = rules_of(config);
  if (baseline != nullptr && baseline->source == baseline::Source::kFile) rules.slo = baseline->slo;
  return rules;
}

std::optional<BaselineRef> ref_of(const baseline::Baseline* baseline) {
  if (baseline == nullptr) return std::nullopt;
  return BaselineRef{baseline->version, baseline->created_at, baseline->samples(), baseline->source,
                     baseline->range};
}

bool Report::ok() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const auto& check) { return is_ok(check.second); });
}

Judging judging_of(const Config& config, const FeatureRule* rule, FeatureKind kind) {
  Judging judging;
  judging.measure =
      kind == FeatureKind::kNumeric ? config.numeric_method : config.categorical_method;
  if (rule == nullptr) return judging;
  judging.measure = rule->method.value_or(judging.measure);
  judging.threshold = rule->threshold;
  judging.samples_min = rule->samples_min;
  judging.direction = rule->direction;
  judging.critical = rule->critical;
  judging.muted = rule->muted;
  return judging;
}

namespace {

KsCheck ks_of(const FeaturePair& pair, bool has_baseline, KsRules rules) {
  rules.p_min = pair.judging.threshold.value_or(rules.p_min);
  rules.samples_min = pair.judging.samples_min.value_or(rules.samples_min);
  rules.direction = pair.judging.direction;
  return check_ks(pair.live, pair.baseline, has_baseline, rules);
}

PsiCheck psi_of(const FeaturePair& pair, bool has_baseline, PsiRules rules) {
  rules.psi_max = pair.judging.threshold.value_or(rules.psi_max);
  rules.samples_min = pair.judging.samples_min.value_or(rules.samples_min);
  const auto check_shares = pair.kind == FeatureKind::kNumeric ? check_psi_of_numbers : check_psi;
  return check_shares(pair.live, pair.baseline, has_baseline, rules);
}

// Of the shape of events; nothing without a baseline.
void add_schema_checks(const Comparison& comparison, const SchemaRules& rules,
                       const CheckFilter& wanted, NamedChecks* checks) {
  if (!comparison.has_baseline()) return;
  std::optional<SchemaAnalysis> made;  // If anything of it is wanted.
  const auto found = [&]() -> const SchemaAnalysis& {
    if (!made) made = analyse_schema(comparison, rules);
    return *made;
  };
  for (const FeaturePair& feature : comparison.features()) {
    for (const QualityKind kind : {QualityKind::kMissing, QualityKind::kType}) {
      if (!has_quality(feature, kind)) continue;
      std::string name = quality_name(feature, kind);
      if (!wanted(name)) continue;
      checks->emplace_back(std::move(name),
                           check_quality(comparison, feature, kind, found(), rules));
    }
  }
  if (wanted(kSchemaName)) checks->emplace_back(kSchemaName, check_schema(found(), rules));
}

template <typename FeatureCheck>
Check treated(const Judging& judging, FeatureCheck check) {
  treat(judging, &check);
  return check;
}

}  // namespace

Check check_feature(const FeaturePair& pair, bool has_baseline, const ReportRules& rules) {
  const Judging& judging = pair.judging;
  switch (judging.measure) {
    case Measure::kKs:
      return treated(judging, ks_of(pair, has_baseline, rules.ks));
    case Measure::kPsi:
      return treated(judging, psi_of(pair, has_baseline, rules.psi));
    case Measure::kChiSquare:
    case Measure::kJensenShannon:
    case Measure::kWasserstein:
    case Measure::kHellinger:
    case Measure::kTvd:
    case Measure::kCramerVonMises:
      break;
  }
  const bool numeric = pair.kind == FeatureKind::kNumeric;
  return treated(judging, check_measure(pair.live, pair.baseline, has_baseline, numeric, judging,
                                        rules.measures));
}

NamedChecks make_checks(const Comparison& comparison, const ReportRules& rules,
                        const CheckFilter& wanted) {
  NamedChecks checks;
  for (const FeaturePair& pair : comparison.features()) {
    std::string name = check_name(pair);
    if (!wanted(name)) continue;
    checks.emplace_back(std::move(name), check_feature(pair, comparison.has_baseline(), rules));
  }
  const rollup::Rollup& live = comparison.live();
  if (wanted(kSuccessRateName)) {
    checks.emplace_back(kSuccessRateName, check_success_rate(live, rules.slo.success_rate_min));
  }
  if (wanted(kLatencyName)) {
    checks.emplace_back(kLatencyName, check_latency(live, rules.slo.latency_p95_max));
  }
  add_schema_checks(comparison, rules.schema, wanted, &checks);
  return checks;
}

NamedChecks make_checks(const Comparison& comparison, const ReportRules& rules) {
  return make_checks(comparison, rules, [](const std::string&) { return true; });
}

}  // namespace driftguard::report

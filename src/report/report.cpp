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
  return BaselineRef{baseline->version, baseline->created_at, baseline->samples(),
                     baseline->source};
}

bool Report::ok() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const auto& check) { return is_ok(check.second); });
}

Check check_feature(const FeaturePair& pair, bool has_baseline, const ReportRules& rules) {
  if (pair.kind == FeatureKind::kNumeric) {
    return check_ks(pair.live, pair.baseline, has_baseline, rules.ks);
  }
  return check_psi(pair.live, pair.baseline, has_baseline, rules.psi);
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
  return checks;
}

NamedChecks make_checks(const Comparison& comparison, const ReportRules& rules) {
  return make_checks(comparison, rules, [](const std::string&) { return true; });
}

}  // namespace driftguard::report

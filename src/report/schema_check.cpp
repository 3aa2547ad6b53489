// SPDX-License-Identifier: Apache-2.0
#include "report/schema_check.h"

#include <algorithm>
#include <cassert>

#include "report/comparison.h"
#include "stats/fisher.h"

namespace driftguard::report {
namespace {

using stats::Proportion;

std::optional<double> share_of(const Proportion& part) {
  if (part.trials == 0) return std::nullopt;
  return static_cast<double>(part.successes) / static_cast<double>(part.trials);
}

// Missing events of all, mismatched values of all.
Proportion proportion_of(FeatureSide side, FeatureKind feature, QualityKind kind) {
  const std::uint64_t n =
      feature == FeatureKind::kNumeric ? numbers_of(side).count() : texts_of(side).count();
  const Presence there = presence(side, n);
  if (kind == QualityKind::kType) return {there.mismatched, there.n + there.mismatched};
  return {there.missing, std::max(side.population, there.missing)};
}

bool about(const SchemaFinding& finding, QualityKind kind) {
  if (kind == QualityKind::kType) return finding.change == SchemaChange::kRetyped;
  return finding.change == SchemaChange::kVanished || finding.change == SchemaChange::kPresence;
}

// The two shares that the schema check compares at an endpoint.
std::optional<SharePair> pair_at(const EndpointPair& endpoint, const std::string& pointer,
                                 QualityKind kind, const SchemaRules& rules) {
  if (kind == QualityKind::kMissing) return presence_of(endpoint, pointer, rules);
  if (const auto shift = types_of(endpoint, pointer, rules)) return shift->shares;
  return std::nullopt;
}

}  // namespace

SchemaCheck check_schema(const SchemaAnalysis& found, const SchemaRules& rules) {
  SchemaCheck check;
  check.p_min = rules.p_min;
  check.found = found;
  check.insufficient_samples = found.endpoints == 0;
  check.ok = !found.drifted;
  return check;
}

std::uint64_t SchemaCheck::changes() const {
  const auto within = std::count_if(found.findings.begin(), found.findings.end(),
                                    [](const SchemaFinding& finding) { return finding.within; });
  return found.findings.size() - static_cast<std::uint64_t>(within) + found.omitted;
}

std::optional<double> QualityCheck::live_share() const { return share_of(live); }
std::optional<double> QualityCheck::baseline_share() const { return share_of(baseline); }

QualityCheck check_quality(const Comparison& comparison, const FeaturePair& feature,
                           QualityKind kind, const SchemaAnalysis& found,
                           const SchemaRules& rules) {
  QualityCheck check;
  check.kind = kind;
  check.p_min = rules.p_min;
  check.change_min = kind == QualityKind::kMissing ? rules.presence_min : rules.type_min;
  check.live = proportion_of(feature.live, feature.kind, kind);
  check.baseline = proportion_of(feature.baseline, feature.kind, kind);
  for (const EndpointPair& endpoint : comparison.endpoints()) {
    const auto pair = pair_at(endpoint, feature.pointer, kind, rules);
    if (!pair) continue;
    const double p =
        std::min(1.0, stats::fisher_p_value(pair->live, pair->baseline) *
                          static_cast<double>(std::max<std::uint64_t>(1, found.tests)));
    check.p_value = std::min(check.p_value.value_or(1), p);
  }
  for (const SchemaFinding& finding : found.findings) {
    if (finding.pointer == feature.pointer && about(finding, kind))
      check.changes.push_back(finding);
  }
  check.insufficient_samples = !check.p_value;
  check.ok = check.changes.empty();
  treat(feature.judging, &check);
  return check;
}

bool has_quality(const FeaturePair& feature, QualityKind kind) {
  if (feature.baseline.rollup == nullptr || feature.baseline.rollup->present() == 0) return false;
  return proportion_of(feature.live, feature.kind, kind).successes > 0 ||
         proportion_of(feature.baseline, feature.kind, kind).successes > 0;
}

std::string quality_name(const FeaturePair& feature, QualityKind kind) {
  return feature.name + (kind == QualityKind::kMissing ? "_missing" : "_type");
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <algorithm>
#include <set>

namespace driftguard::report {
namespace {

using Rollups = std::map<std::string, std::shared_ptr<const rollup::Rollup>>;

// One side of a comparison: the segment's sum, and in how many events each feature could be.
struct Side {
  std::shared_ptr<const rollup::Rollup> total;
  std::map<std::string, std::uint64_t> populations;

  FeatureSide feature(const std::string& pointer) const {
    const auto rollup = total->features.find(pointer);
    const auto population = populations.find(pointer);
    return {rollup == total->features.end() ? nullptr : &rollup->second,
            population == populations.end() ? 0 : population->second};
  }
};

std::shared_ptr<const rollup::Rollup> sum_of(const Rollups& rollups) {
  if (rollups.size() == 1) return rollups.begin()->second;
  rollup::RollupSum sum;
  for (const auto& [endpoint, rollup] : rollups) sum.add(*rollup);
  return std::make_shared<const rollup::Rollup>(sum.take());
}

// The baseline's endpoints that the segment is compared with.
Rollups baseline_part(const baseline::Baseline& baseline, const window::Segment& segment) {
  if (!segment.endpoint) {
    if (!baseline.endpoints.empty()) return baseline.endpoints;
    return {{"", baseline.total}};  // A file that does not tell endpoints apart.
  }
  const auto at = baseline.endpoints.find(*segment.endpoint);
  if (at != baseline.endpoints.end()) return {*at};
  if (baseline.endpoints.empty()) return {{*segment.endpoint, baseline.total}};
  return {};
}

// An endpoint's events count for a feature if the endpoint has it on either side: a feature that
// vanished is missing from all of them.
Side make_side(const Rollups& mine, const Rollups& theirs) {
  Side side{sum_of(mine), {}};
  for (const auto& [endpoint, rollup] : mine) {
    std::set<std::string> pointers;
    for (const auto& [pointer, feature] : rollup->features) pointers.insert(pointer);
    if (const auto at = theirs.find(endpoint); at != theirs.end()) {
      for (const auto& [pointer, feature] : at->second->features) pointers.insert(pointer);
    }
    for (const std::string& pointer : pointers) side.populations[pointer] += rollup->events;
  }
  return side;
}

std::optional<FeatureKind> majority(FeatureSide side) {
  if (side.rollup == nullptr) return std::nullopt;
  const std::uint64_t numbers = side.rollup->numbers.count();
  const std::uint64_t texts = side.rollup->texts.count();
  if (numbers == 0 && texts == 0) return std::nullopt;
  return numbers >= texts ? FeatureKind::kNumeric : FeatureKind::kCategorical;
}

}  // namespace

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

bool Report::ok() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const auto& check) { return is_ok(check.second); });
}

Result<std::vector<std::pair<std::string, Check>>> make_checks(const window::Window& live_window,
                                                               const baseline::Baseline* baseline,
                                                               const window::Segment& segment,
                                                               const ReportRules& rules,
                                                               const NameOf& name_of,
                                                               const KindOf& kind_of) {
  const Rollups baseline_rollups = baseline ? baseline_part(*baseline, segment) : Rollups();
  const Side live = make_side(live_window.endpoints, baseline_rollups);
  const Side base = make_side(baseline_rollups, live_window.endpoints);
  std::set<std::string> pointers;
  for (const auto& [pointer, feature] : live.total->features) pointers.insert(pointer);
  for (const auto& [pointer, feature] : base.total->features) pointers.insert(pointer);

  std::vector<std::pair<std::string, Check>> checks;
  for (const std::string& pointer : pointers) {
    const FeatureSide live_side = live.feature(pointer);
    const FeatureSide base_side = base.feature(pointer);
    std::optional<FeatureKind> kind = kind_of(pointer);
    if (!kind) kind = majority(base_side);
    if (!kind) kind = majority(live_side);
    if (!kind) continue;  // Only ever null, an object or an array.
    Result<std::string> name = name_of(pointer);
    if (!name) return name.error();
    const bool has_baseline = baseline != nullptr;
    if (*kind == FeatureKind::kNumeric) {
      checks.emplace_back(*name + "_ks", check_ks(live_side, base_side, has_baseline, rules.ks));
    } else {
      checks.emplace_back(*name + "_psi", check_psi(live_side, base_side, has_baseline, rules.psi));
    }
  }
  std::sort(checks.begin(), checks.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  checks.emplace_back("success_rate", check_success_rate(*live.total, rules.slo.success_rate_min));
  checks.emplace_back("latency_p95", check_latency(*live.total, rules.slo.latency_p95_max));
  return checks;
}

}  // namespace driftguard::report

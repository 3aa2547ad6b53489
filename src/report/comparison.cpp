// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace driftguard::report {
namespace {

using Sum = std::shared_ptr<const rollup::Rollup>;
using Rollups = std::map<std::string, Sum>;

Sum sum_of(const Rollups& rollups) {
  if (rollups.size() == 1) return rollups.begin()->second;
  rollup::RollupSum sum;
  for (const auto& [endpoint, rollup] : rollups) sum.add(*rollup);
  return std::make_shared<const rollup::Rollup>(sum.take());
}

// What of the baseline a segment is compared with: its endpoints and their sum.
struct BaselinePart {
  Rollups endpoints;
  Sum total;
};

BaselinePart part_of(const baseline::Baseline& baseline, const window::Segment& segment) {
  const Rollups& all = baseline.endpoints;
  if (!segment.endpoint) {
    // A file need not tell endpoints apart.
    return {all.empty() ? Rollups{{"", baseline.total}} : all, baseline.total};
  }
  if (all.empty()) return {{{*segment.endpoint, baseline.total}}, baseline.total};
  const auto at = all.find(*segment.endpoint);
  if (at == all.end()) return {{}, sum_of({})};
  return {{*at}, at->second};
}

using Populations = std::map<std::string, std::uint64_t>;

// In how many events of `mine` each feature could be.
Populations populations_of(const Rollups& mine, const Rollups& theirs) {
  Populations populations;
  for (const auto& [endpoint, rollup] : mine) {
    std::set<std::string_view> pointers;
    for (const auto& [pointer, feature] : rollup->features) pointers.insert(pointer);
    if (const auto at = theirs.find(endpoint); at != theirs.end()) {
      for (const auto& [pointer, feature] : at->second->features) pointers.insert(pointer);
    }
    for (const std::string_view pointer : pointers) {
      populations[std::string(pointer)] += rollup->events;
    }
  }
  return populations;
}

FeatureSide side_of(const rollup::Rollup& total, const Populations& populations,
                    const std::string& pointer) {
  const auto rollup = total.features.find(pointer);
  const auto population = populations.find(pointer);
  return {rollup == total.features.end() ? nullptr : &rollup->second,
          population == populations.end() ? 0 : population->second};
}

std::optional<FeatureKind> majority(FeatureSide side) {
  if (side.rollup == nullptr) return std::nullopt;
  const std::uint64_t numbers = side.rollup->numbers.count();
  const std::uint64_t texts = side.rollup->texts.count();
  if (numbers == 0 && texts == 0) return std::nullopt;
  return numbers >= texts ? FeatureKind::kNumeric : FeatureKind::kCategorical;
}

}  // namespace

Result<Comparison> Comparison::of(const window::Window& live, const baseline::Baseline* baseline,
                                  const window::Segment& segment, const NameOf& name_of,
                                  const KindOf& kind_of) {
  const BaselinePart part = baseline ? part_of(*baseline, segment) : BaselinePart{{}, sum_of({})};
  Comparison made;
  made.has_baseline_ = baseline != nullptr;
  made.baseline_is_whole_ = baseline != nullptr && baseline->source != baseline::Source::kFile;
  made.live_ = sum_of(live.endpoints);
  made.baseline_ = part.total;
  if (baseline != nullptr && baseline->endpoints.empty()) {
    made.endpoints_.push_back({"", made.live_, made.baseline_});
  } else {
    made.pair_endpoints(live, part.endpoints);
  }
  const Populations live_events = populations_of(live.endpoints, part.endpoints);
  const Populations baseline_events = populations_of(part.endpoints, live.endpoints);
  std::set<std::string> pointers;
  for (const auto& [pointer, feature] : made.live_->features) pointers.insert(pointer);
  for (const auto& [pointer, feature] : made.baseline_->features) pointers.insert(pointer);
  for (const std::string& pointer : pointers) {
    FeaturePair pair;
    pair.pointer = pointer;
    pair.live = side_of(*made.live_, live_events, pointer);
    pair.baseline = side_of(*made.baseline_, baseline_events, pointer);
    std::optional<FeatureKind> kind = kind_of(pointer);
    if (!kind) kind = majority(pair.baseline);
    if (!kind) kind = majority(pair.live);
    if (!kind) continue;
    pair.kind = *kind;
    pair.judging.measure = *kind == FeatureKind::kNumeric ? Measure::kKs : Measure::kPsi;
    Result<std::string> name = name_of(pointer);
    if (!name) return name.error();
    pair.name = std::move(*name);
    made.features_.push_back(std::move(pair));
  }
  made.sort();
  return made;
}

void Comparison::pair_endpoints(const window::Window& live, const Rollups& baseline) {
  for (const auto& [endpoint, rollup] : live.endpoints) {
    if (const auto at = baseline.find(endpoint); at != baseline.end()) {
      endpoints_.push_back({endpoint, rollup, at->second});
    } else {
      ++new_endpoints_;
    }
  }
}

void Comparison::judge_by(const JudgingOf& judging_of) {
  bool renamed = false;
  for (FeaturePair& feature : features_) {
    const Measure before = feature.judging.measure;
    feature.judging = judging_of(feature.pointer, feature.kind);
    renamed = renamed || feature.judging.measure != before;
    assert(feature.kind == FeatureKind::kNumeric || !needs_numbers(feature.judging.measure));
  }
  if (renamed) sort();
}

void Comparison::sort() {
  std::sort(features_.begin(), features_.end(),
            [](const auto& a, const auto& b) { return check_name(a) < check_name(b); });
}

std::string check_name(const FeaturePair& feature) {
  return feature.name + '_' + std::string(measure_name(feature.judging.measure));
}

}  // namespace driftguard::report

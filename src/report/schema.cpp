// SPDX-License-Identifier: Apache-2.0
#include "report/schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "baseline/feature_names.h"
#include "report/comparison.h"
#include "stats/fisher.h"

namespace driftguard::report {
namespace {

using rollup::FeatureRollup;
using rollup::Rollup;
using stats::Proportion;

double share_of(const Proportion& part) {
  return part.trials == 0 ? 0
                          : static_cast<double>(part.successes) / static_cast<double>(part.trials);
}

std::uint64_t present(const FeatureRollup* field, const Rollup& rollup) {
  return field == nullptr ? 0 : std::min(field->present(), rollup.events);
}

std::array<std::uint64_t, 3> types(const FeatureRollup& field) {
  return {field.numbers.count(), field.texts.count(), field.others};
}

const FeatureRollup* field_at(const Rollup& rollup, const std::string& pointer) {
  const auto at = rollup.features.find(pointer);
  return at == rollup.features.end() ? nullptr : &at->second;
}

bool has_events(const EndpointPair& endpoint, const SchemaRules& rules) {
  return endpoint.live->events >= rules.samples_min &&
         endpoint.baseline->events >= rules.samples_min;
}

std::optional<SharePair> presence_of(const EndpointPair& endpoint, const FeatureRollup* live,
                                     const FeatureRollup* baseline) {
  const Rollup& now = *endpoint.live;
  const Rollup& before = *endpoint.baseline;
  SharePair pair{{present(live, now), now.events}, {present(baseline, before), before.events}};
  if (pair.live.successes == 0 && pair.baseline.successes == 0) return std::nullopt;
  // The side where it is rarer may have had it at a place that was left out.
  const bool rarer = share_of(pair.live) < share_of(pair.baseline);
  Proportion& rare = rarer ? pair.live : pair.baseline;
  const double other = share_of(rarer ? pair.baseline : pair.live);
  const std::uint64_t dropped = rarer ? now.features_dropped : before.features_dropped;
  const auto equal = static_cast<std::uint64_t>(other * static_cast<double>(rare.trials));
  if (dropped > 0) {
    rare.successes = std::max(rare.successes, std::min(rare.successes + dropped, equal));
  }
  return pair;
}

std::optional<TypeShift> types_of(const FeatureRollup* live, const FeatureRollup* baseline,
                                  const SchemaRules& rules) {
  if (live == nullptr || baseline == nullptr) return std::nullopt;
  const std::uint64_t n = live->present();
  const std::uint64_t m = baseline->present();
  if (n < rules.samples_min || m < rules.samples_min) return std::nullopt;
  const auto now = types(*live);
  const auto before = types(*baseline);
  TypeShift shift;
  double most = -2;
  double least = 2;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double gain = share_of({now[i], n}) - share_of({before[i], m});
    if (gain > most) {
      most = gain;
      shift.to = static_cast<ValueType>(i);
      shift.shares = {{now[i], n}, {before[i], m}};
    }
    if (gain < least) {
      least = gain;
      shift.from = static_cast<ValueType>(i);
    }
  }
  return shift;
}

// The values that a small category did not have; nothing for what is none.
struct Unknown {
  SharePair shares;
  std::vector<NewValue> values;
};
std::optional<Unknown> unknown_values(const FeatureRollup* live, const FeatureRollup* baseline,
                                      const SchemaRules& rules) {
  if (live == nullptr || baseline == nullptr) return std::nullopt;
  const sketch::CategoryCounts& now = live->texts;
  const sketch::CategoryCounts& before = baseline->texts;
  const std::size_t known = before.categories().size();
  if (!before.lossless() || known == 0 || known > kSmallCategoryMax) return std::nullopt;
  if (now.count() < rules.samples_min || before.count() < rules.samples_min) return std::nullopt;
  if (before.count() < 10 * known || before.count() * 10 < baseline->present() * 9) {
    return std::nullopt;
  }
  // What was seen once was new when it came: as often as that, new values were to be expected
  // (Good and Turing).
  Unknown unknown;
  unknown.shares = {{now.other(), now.count()}, {0, before.count()}};
  std::set<std::string_view> names;
  for (const sketch::Category& category : before.categories()) {
    names.insert(category.name);
    if (category.count == 1) ++unknown.shares.baseline.successes;
  }
  for (const sketch::Category& category : now.categories()) {
    if (names.contains(category.name)) continue;
    unknown.shares.live.successes += category.count;
    unknown.values.push_back({category.name, category.count});
  }
  std::stable_sort(unknown.values.begin(), unknown.values.end(),
                   [](const auto& a, const auto& b) { return a.live_n > b.live_n; });
  unknown.values.resize(std::min(unknown.values.size(), kNewValuesNamedMax));
  return unknown;
}

// Collects what differs enough; whether it is significant is decided when all tests are counted.
class Analysis final {
 public:
  Analysis(const Comparison& comparison, const SchemaRules& rules)
      : comparison_(comparison), rules_(rules) {
    for (const FeaturePair& feature : comparison.features()) features_[feature.pointer] = &feature;
  }

  SchemaAnalysis run() {
    made_.endpoints_left_out = comparison_.new_endpoints();
    for (const EndpointPair& endpoint : comparison_.endpoints()) {
      if (has_events(endpoint, rules_)) {
        compare(endpoint);
      } else {
        ++made_.endpoints_left_out;
      }
    }
    decide();
    return std::move(made_);
  }

 private:
  void compare(const EndpointPair& endpoint) {
    ++made_.endpoints;
    made_.live_events += endpoint.live->events;
    made_.baseline_events += endpoint.baseline->events;
    made_.live_dropped += endpoint.live->features_dropped;
    made_.baseline_dropped += endpoint.baseline->features_dropped;
    const auto& live = endpoint.live->features;
    const auto& baseline = endpoint.baseline->features;
    auto a = live.begin();
    auto b = baseline.begin();
    while (a != live.end() || b != baseline.end()) {
      const int order = a == live.end() ? 1 : b == baseline.end() ? -1 : a->first.compare(b->first);
      compare(endpoint, order <= 0 ? a->first : b->first, order <= 0 ? &a->second : nullptr,
              order >= 0 ? &b->second : nullptr);
      if (order <= 0) ++a;
      if (order >= 0) ++b;
    }
  }

  void compare(const EndpointPair& endpoint, const std::string& pointer, const FeatureRollup* live,
               const FeatureRollup* baseline) {
    ++made_.fields;
    if (!endpoint.endpoint.empty()) {
      if (const auto pair = presence_of(endpoint, live, baseline)) {
        add(presence_change(live, baseline), endpoint, pointer, *pair, rules_.presence_min);
      }
    }
    if (const auto shift = types_of(live, baseline, rules_)) {
      SchemaFinding* found =
          add(SchemaChange::kRetyped, endpoint, pointer, shift->shares, rules_.type_min);
      if (found != nullptr) {
        found->from = shift->from;
        found->to = shift->to;
      }
    }
    if (auto unknown = unknown_values(live, baseline, rules_)) {
      SchemaFinding* found =
          add(SchemaChange::kNewValues, endpoint, pointer, unknown->shares, rules_.values_min);
      if (found != nullptr) found->values = std::move(unknown->values);
    }
  }

  static SchemaChange presence_change(const FeatureRollup* live, const FeatureRollup* baseline) {
    if (baseline == nullptr || baseline->present() == 0) return SchemaChange::kNew;
    if (live == nullptr || live->present() == 0) return SchemaChange::kVanished;
    return SchemaChange::kPresence;
  }

  // The finding, unless the shares differ too little to be one.
  SchemaFinding* add(SchemaChange change, const EndpointPair& endpoint, const std::string& pointer,
                     const SharePair& shares, double size_min) {
    ++made_.tests;
    SchemaFinding finding;
    finding.change = change;
    finding.live = shares.live;
    finding.baseline = shares.baseline;
    const bool grows_only = change == SchemaChange::kRetyped || change == SchemaChange::kNewValues;
    if (finding.size() < size_min ||
        (grows_only && finding.live_share() < finding.baseline_share())) {
      return nullptr;
    }
    finding.p_value = stats::fisher_p_value(shares.live, shares.baseline);
    if (finding.p_value >= rules_.p_min) return nullptr;
    finding.endpoint = endpoint.endpoint;
    finding.pointer = pointer;
    made_.findings.push_back(std::move(finding));
    return &made_.findings.back();
  }

  void decide() {
    auto& findings = made_.findings;
    const auto tests = static_cast<double>(made_.tests);
    std::erase_if(findings, [&](SchemaFinding& finding) {
      finding.p_value = std::min(1.0, finding.p_value * tests);
      return finding.p_value >= rules_.p_min;
    });
    gather_below();
    std::stable_sort(findings.begin(), findings.end(), [](const auto& a, const auto& b) {
      return a.within != b.within ? b.within : a.size() > b.size();
    });
    for (SchemaFinding& finding : findings) {
      const auto feature = features_.find(finding.pointer);
      const bool known = feature != features_.end();
      finding.field = known ? feature->second->name : baseline::short_name(finding.pointer);
      finding.muted = (known && feature->second->judging.muted) ||
                      (finding.change == SchemaChange::kNew && !comparison_.baseline_is_whole());
      made_.drifted = made_.drifted || !finding.muted;
    }
    if (findings.size() > kSchemaChangesMax) {
      made_.omitted = findings.size() - kSchemaChangesMax;
      findings.resize(kSchemaChangesMax);
    }
  }

  // A field within an object that came, went or turned into something else goes with it.
  void gather_below() {
    std::map<std::pair<std::string_view, std::string_view>, SchemaFinding*> found;
    for (SchemaFinding& finding : made_.findings) {
      if (finding.change == SchemaChange::kNewValues) continue;
      found.emplace(
          std::pair(std::string_view(finding.endpoint), std::string_view(finding.pointer)),
          &finding);
    }
    for (SchemaFinding& finding : made_.findings) {
      std::string_view pointer = finding.pointer;
      SchemaFinding* above = nullptr;
      for (auto end = pointer.rfind('/'); end != std::string_view::npos && end > 0;
           end = pointer.rfind('/')) {
        pointer = pointer.substr(0, end);
        const auto at = found.find({finding.endpoint, pointer});
        if (at == found.end()) continue;
        const SchemaChange change = at->second->change;
        if (change == finding.change || change == SchemaChange::kRetyped) above = at->second;
      }
      if (above == nullptr) continue;
      ++above->below;
      finding.within = true;
    }
  }

  const Comparison& comparison_;
  const SchemaRules& rules_;
  std::map<std::string_view, const FeaturePair*> features_;
  SchemaAnalysis made_;
};

}  // namespace

std::string_view change_name(SchemaChange change) {
  switch (change) {
    case SchemaChange::kNew:
      return "new";
    case SchemaChange::kVanished:
      return "vanished";
    case SchemaChange::kPresence:
      return "presence";
    case SchemaChange::kRetyped:
      return "retyped";
    case SchemaChange::kNewValues:
      return "new_values";
  }
  return "";
}

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::kNumber:
      return "number";
    case ValueType::kText:
      return "text";
    case ValueType::kOther:
      return "object or array";
  }
  return "";
}

double SchemaFinding::live_share() const { return share_of(live); }
double SchemaFinding::baseline_share() const { return share_of(baseline); }
double SchemaFinding::size() const { return std::fabs(live_share() - baseline_share()); }

SchemaAnalysis analyse_schema(const Comparison& comparison, const SchemaRules& rules) {
  return Analysis(comparison, rules).run();
}

std::optional<SharePair> presence_of(const EndpointPair& endpoint, const std::string& pointer,
                                     const SchemaRules& rules) {
  if (endpoint.endpoint.empty() || !has_events(endpoint, rules)) return std::nullopt;
  return presence_of(endpoint, field_at(*endpoint.live, pointer),
                     field_at(*endpoint.baseline, pointer));
}

std::optional<TypeShift> types_of(const EndpointPair& endpoint, const std::string& pointer,
                                  const SchemaRules& rules) {
  if (!has_events(endpoint, rules)) return std::nullopt;
  return types_of(field_at(*endpoint.live, pointer), field_at(*endpoint.baseline, pointer), rules);
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <utility>

#include "alarm/monitor.h"

namespace driftguard::alarm {
namespace {

// A watch's weight in the sharing out of the budget. What is rarely wrong without anybody meaning
// it, and shows at once when it is, needs less.
constexpr double kDistributionWeight = 1.0;
constexpr double kQualityWeight = 0.1;
constexpr double kPromiseWeight = 1.0;
constexpr double kPairsWeight = 1.0;  // Of all pairs together.

constexpr int kPilotFraction = 10;  // One part of so many.

Layout rate(Subject subject) {
  Layout layout;
  layout.subject = subject;
  return layout;
}

Layout slow(const Rules& rules) {
  Layout layout = rate(Subject::kSlow);
  layout.limit = rules.slow_ms;
  return layout;
}

}  // namespace

Learner::Learner(TimeRange range, const Rules& rules, std::map<std::string, std::string> names)
    : range_(range), rules_(rules), names_(std::move(names)) {}

void Learner::add(Time bucket, std::span<const EndpointRollup> endpoints) {
  const std::int64_t number = bucket_number(bucket);
  if (piloting_ && pilot_events_ >= kPilotEventsMin &&
      (bucket - range_.from >= (range_.to - range_.from) / kPilotFraction ||
       pilot_.size() >= kPilotBucketsMax)) {
    end_pilot();
  }
  if (!piloting_) return count(number, endpoints);
  Held held{number, {}};
  for (const auto& [endpoint, rollup] : endpoints) {
    pilot_events_ += rollup->events;
    held.endpoints.emplace_back(endpoint, *rollup);
  }
  pilot_.push_back(std::move(held));
}

void Learner::end_pilot() {
  piloting_ = false;
  rollup::RollupSum sum;
  std::map<std::string, std::vector<std::string>> endpoints_of;
  for (const Held& held : pilot_) {
    for (const auto& [endpoint, rollup] : held.endpoints) {
      sum.add(rollup);
      for (const auto& [pointer, feature] : rollup.features) {
        std::vector<std::string>& seen = endpoints_of[pointer];
        const auto at = std::lower_bound(seen.begin(), seen.end(), endpoint);
        if (at == seen.end() || *at != endpoint) seen.insert(at, endpoint);
      }
    }
  }
  const rollup::Rollup total = sum.take();
  std::size_t features = 0;
  for (const auto& [pointer, feature] : total.features) {
    if (++features > kFeaturesMax) break;
    plan_feature(pointer, feature, endpoints_of[pointer]);
  }
  plan_pairs(halves_of(total, names_));
  if (total.latency_ms.count() > 0) {
    Layout latency;
    latency.subject = Subject::kLatency;
    latency.edges = edges_of(total.latency_ms);
    plan("latency", std::move(latency), kDistributionWeight);
  }
  plan("success_rate", rate(Subject::kFailures), kPromiseWeight);
  plan("latency_p95", slow(rules_), kPromiseWeight);
  for (const Held& held : std::exchange(pilot_, {})) {
    std::vector<EndpointRollup> borrowed;
    for (const auto& [endpoint, rollup] : held.endpoints) borrowed.push_back({endpoint, &rollup});
    count(held.bucket, borrowed);
  }
}

void Learner::plan_feature(const std::string& pointer, const rollup::FeatureRollup& seen,
                           std::vector<std::string> endpoints) {
  const std::uint64_t numbers = seen.numbers.count();
  const std::uint64_t texts = seen.texts.count();
  if (numbers == 0 && texts == 0) return;  // Only ever null, an object or an array.
  const auto named = names_.find(pointer);
  const std::string& name = named == names_.end() ? pointer : named->second;
  Layout layout;
  layout.pointer = pointer;
  layout.endpoints = std::move(endpoints);
  layout.kind = numbers >= texts ? FeatureKind::kNumeric : FeatureKind::kCategorical;
  for (const Subject subject : {Subject::kMissing, Subject::kMistyped}) {
    layout.subject = subject;
    plan(name + (subject == Subject::kMissing ? "_missing" : "_type"), layout, kQualityWeight);
  }
  if (layout.kind == FeatureKind::kNumeric) {
    layout.subject = Subject::kNumbers;
    layout.edges = edges_of(seen.numbers);
  } else {
    layout.subject = Subject::kCategories;
    take_names(seen.texts, &layout);
  }
  plan(name, std::move(layout), kDistributionWeight);
}

void Learner::plan_pairs(const std::vector<Halves>& features) {
  const std::size_t pairs = features.size() * (features.size() - 1) / 2;
  for (std::size_t i = 0; i < features.size(); ++i) {
    for (std::size_t j = i + 1; j < features.size(); ++j) {
      Layout layout;
      layout.subject = Subject::kJoint;
      layout.pair = {features[i], features[j]};
      plan(features[i].name + "~" + features[j].name, std::move(layout),
           kPairsWeight / static_cast<double>(pairs));
    }
  }
}

void Learner::plan(std::string name, Layout layout, double weight) {
  const std::size_t cells = layout.cells();
  courses_.push_back({{std::move(name), std::move(layout), weight}, History(cells)});
}

void Learner::count(std::int64_t bucket, std::span<const EndpointRollup> endpoints) {
  std::vector<std::uint32_t> counts;
  for (Course& course : courses_) {
    counts.resize(course.history.cells());
    count_cells(course.spec.layout, endpoints, counts);
    course.history.add(bucket, counts);
  }
}

References Learner::finish() {
  if (piloting_) end_pilot();
  double weights = 0.0;
  for (const Course& course : courses_) weights += course.spec.budget;
  References references;
  for (Course& course : std::exchange(courses_, {})) {
    course.spec.budget /= weights;
    const Subject subject = course.spec.layout.subject;
    if (subject == Subject::kFailures || subject == Subject::kSlow) {
      const double most = subject == Subject::kFailures ? rules_.failures_max : rules_.slow_max;
      references.push_back(promise(std::move(course.spec), most, course.history, rules_));
    } else {
      references.push_back(learn(std::move(course.spec), course.history, rules_));
    }
  }
  piloting_ = true;
  pilot_events_ = 0;
  return references;
}

References promises_only(const Rules& rules) { return Learner(TimeRange{}, rules).finish(); }

}  // namespace driftguard::alarm

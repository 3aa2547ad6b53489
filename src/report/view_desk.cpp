// SPDX-License-Identifier: Apache-2.0
#include "report/view_desk.h"

#include <algorithm>
#include <set>

#include "report/look.h"
#include "rollup/bucket.h"

namespace driftguard::report {
namespace {

// Remembered checks of segments: some twenty megabytes.
constexpr std::size_t kMemoOutlinesMax = 100'000;

// Features compared at every step, so that a timeline costs at most about as many comparisons as
// this, however many steps it has.
constexpr std::size_t kComparisonsMax = 12'000;
constexpr std::size_t kFeaturesMin = 20;

}  // namespace

// A timeline under way.
struct ViewDesk::Steps {
  TimeGrid grid;
  baseline::BaselinePtr baseline;
  std::size_t features_max = 0;
  std::optional<std::set<std::string>> chosen;  // Checks; empty: all.
  std::vector<SegmentOutline> made;

  bool wants(const std::string& name) const { return !chosen || chosen->contains(name); }
  std::string key() const {
    std::string key;
    if (chosen) {
      for (const std::string& name : *chosen) key += name + '\n';
    }
    return key;
  }
};

ViewDesk::ViewDesk(const ViewSources& sources, const Config& config)
    : sources_(sources), config_(config), memo_(kMemoOutlinesMax) {}

Result<SegmentOutline> ViewDesk::outline(const window::Window& live, const window::Segment& segment,
                                         const baseline::BaselinePtr& baseline,
                                         const CheckFilter& wanted) {
  Result<Comparison> comparison = sources_.desk.compare_sides(live, baseline, segment);
  if (!comparison) return comparison.error();
  return outline_of(*comparison, rules_of(config_, baseline.get()), wanted);
}

Result<OutlineMemo::Made> ViewDesk::known_outline(const window::Window& live,
                                                  const window::Segment& segment,
                                                  const baseline::BaselinePtr& baseline,
                                                  const CheckFilter& wanted,
                                                  const std::string& wanted_key) {
  const std::string question =
      segment.service + '\n' + segment.endpoint.value_or("") + '\n' + wanted_key;
  return memo_.get(live, question, baseline,
                   [&] { return outline(live, segment, baseline, wanted); });
}

// The checks that are worst over the whole of it.
Result<void> ViewDesk::choose_features(const Scope& scope, Steps* steps) {
  Result<window::Window> whole =
      sources_.windows.read(scope.segment, {steps->grid.from, steps->grid.to()});
  if (!whole) return whole.error();
  Result<Comparison> comparison =
      sources_.desk.compare_sides(*whole, steps->baseline, scope.segment);
  if (!comparison) return comparison.error();
  const ReportRules rules = rules_of(config_, steps->baseline.get());
  std::vector<std::pair<double, std::string>> ranked;
  const std::set<std::string> always{kSuccessRateName, kLatencyName, kSchemaName};
  for (const auto& [name, check] : make_checks(*comparison, rules)) {
    if (always.contains(name)) continue;
    ranked.emplace_back(-outline_of(name, check).severity.value_or(-1), name);
  }
  std::sort(ranked.begin(), ranked.end());
  steps->chosen = always;
  for (std::size_t i = 0; i < std::min(ranked.size(), steps->features_max); ++i) {
    steps->chosen->insert(ranked[i].second);
  }
  return {};
}

Result<void> ViewDesk::outline_steps(const Scope& scope, Steps* steps) {
  if (scope.segment.host) {
    // Steps by host read raw events; all together they must keep to the limit.
    Result<window::Window> whole =
        sources_.windows.read(scope.segment, {steps->grid.from, steps->grid.to()});
    if (!whole) return whole.error();
  }
  for (std::int64_t i = 0; i < steps->grid.steps; ++i) {
    Result<window::Window> live = sources_.windows.read(scope.segment, steps->grid.at(i));
    if (!live) return live.error();
    std::set<std::string_view> places;
    for (const auto& [endpoint, rollup] : live->endpoints) {
      for (const auto& [pointer, feature] : rollup->features) places.insert(pointer);
    }
    if (!steps->chosen && places.size() > steps->features_max) {
      if (auto chosen = choose_features(scope, steps); !chosen) return chosen;
    }
    Result<OutlineMemo::Made> made = known_outline(
        *live, scope.segment, steps->baseline,
        [&](const std::string& name) { return steps->wants(name); }, steps->key());
    if (!made) return made.error();
    steps->made.push_back(**made);
  }
  return {};
}

Result<Timeline> ViewDesk::timeline(const TimelineQuery& query) {
  Result<Scope> scope = sources_.desk.scope_of(query.of);
  if (!scope) return scope.error();
  Result<baseline::BaselinePtr> baseline = sources_.baselines.active(scope->segment.service);
  if (!baseline) return baseline.error();
  Steps steps;
  steps.grid = grid_over(scope->range, query.steps_max);
  steps.baseline = *baseline;
  steps.features_max = std::clamp(kComparisonsMax / static_cast<std::size_t>(steps.grid.steps),
                                  kFeaturesMin, kTimelineFeaturesMax);
  if (*baseline && (*baseline)->total->features.size() > steps.features_max) {
    if (auto chosen = choose_features(*scope, &steps); !chosen) return chosen.error();
  }
  if (query.check) steps.chosen = std::set<std::string>{*query.check};
  if (auto outlined = outline_steps(*scope, &steps); !outlined) return outlined.error();
  if (query.check && std::all_of(steps.made.begin(), steps.made.end(),
                                 [](const SegmentOutline& step) { return step.checks.empty(); })) {
    return Error{ErrorCode::kNotFound, "no check " + *query.check + " here"};
  }
  Timeline timeline;
  timeline.generated_at = sources_.clock.now();
  timeline.segment = std::move(scope->segment);
  timeline.grid = steps.grid;
  timeline.baseline = ref_of(baseline->get());
  timeline.slo = rules_of(config_, baseline->get()).slo;
  timeline.steps = std::move(steps.made);
  return timeline;
}

Result<CheckDetail> ViewDesk::check(const ReportQuery& query, const std::string& name,
                                    const DetailOptions& options) {
  Result<Look> look = look_into(sources_, config_, query, name, options);
  if (!look) return look.error();
  return std::move(look->detail);
}

Result<Examples> ViewDesk::examples(const ReportQuery& query, const std::string& name,
                                    std::size_t limit) {
  Result<CheckDetail> detail = check(query, name, {});
  if (!detail) return detail.error();
  Examples examples;
  examples.segment = detail->segment;
  examples.check = name;
  examples.range = detail->covers;
  examples.region = region_of(detail->detail);
  if (!examples.region) return examples;
  examples.region_text = text_of(*examples.region, detail->detail);
  ExamplesQuery wanted;
  wanted.rows.service = detail->segment.service;
  wanted.rows.endpoint = detail->segment.endpoint;
  wanted.rows.range = detail->covers;
  wanted.host = detail->segment.host;
  wanted.limit = limit;
  Result<FoundExamples> found = find_examples(sources_.store, sources_.rules, wanted,
                                              *examples.region, pointer_of(detail->detail));
  if (!found) return found.error();
  examples.found = std::move(*found);
  return examples;
}

Result<Hosts> ViewDesk::hosts(const ReportQuery& query) {
  Result<Scope> scope = sources_.desk.scope_of(query);
  if (!scope) return scope.error();
  const window::Segment all_hosts{scope->segment.service, scope->segment.endpoint, std::nullopt};
  Result<window::Window> window = sources_.windows.read(all_hosts, scope->range);
  if (!window) return window.error();
  return hosts_of(scope->segment, *window);
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "report/testing_sides.h"

#include <algorithm>

#include "baseline/feature_names.h"

namespace driftguard::report {

std::shared_ptr<const rollup::Rollup> rollup_of(const TestingTraffic& traffic) {
  rollup::Rollup rollup;
  std::uint64_t most = traffic.durations.size();
  for (auto [name, values] : traffic.numbers) {
    most = std::max<std::uint64_t>(most, values.size());
    rollup.features["/request/body/" + name].numbers = sketch::NumericSummary::of(values);
  }
  for (const auto& [name, counts] : traffic.categories) {
    std::vector<sketch::Category> categories;
    for (const auto& [category, count] : counts) categories.push_back({category, count});
    sketch::CategoryCounts& texts = rollup.features["/request/body/" + name].texts;
    texts = sketch::CategoryCounts::of(std::move(categories));
    most = std::max(most, texts.count());
  }
  rollup.statuses = traffic.statuses;
  most = std::max(most, rollup.with_status());
  std::vector<double> durations = traffic.durations;
  rollup.latency_ms = sketch::NumericSummary::of(durations);
  rollup.events = traffic.events > 0 ? traffic.events : most;
  return std::make_shared<const rollup::Rollup>(std::move(rollup));
}

window::Window window_of(const TestingTraffic& traffic, const std::string& endpoint) {
  return {{}, {{endpoint, rollup_of(traffic)}}};
}

std::shared_ptr<const baseline::Baseline> baseline_of(const TestingTraffic& traffic,
                                                      const std::string& endpoint) {
  auto baseline = std::make_shared<baseline::Baseline>();
  baseline->version = 1;
  baseline->service = std::string("s");
  baseline->total = rollup_of(traffic);
  baseline->endpoints[endpoint] = baseline->total;
  return baseline;
}

Comparison compare(const window::Window& live, const baseline::Baseline* baseline,
                   const window::Segment& segment) {
  Result<Comparison> comparison = Comparison::of(
      live, baseline, segment,
      [](const std::string& pointer) -> Result<std::string> {
        return baseline::short_name(pointer);
      },
      [](const std::string&) { return std::nullopt; });
  return std::move(*comparison);
}

}  // namespace driftguard::report

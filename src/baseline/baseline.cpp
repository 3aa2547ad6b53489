// SPDX-License-Identifier: Apache-2.0
#include "baseline/baseline.h"

#include <utility>

namespace driftguard::baseline {

const char* source_name(Source source) {
  switch (source) {
    case Source::kStore:
      return "store";
    case Source::kFile:
      return "file";
    case Source::kTrailing:
      return "trailing";
    case Source::kSeasonal:
      return "seasonal";
  }
  return "";
}

std::map<std::string, std::uint64_t> populations(const EndpointRollups& endpoints) {
  std::map<std::string, std::uint64_t> events;
  for (const auto& [endpoint, rollup] : endpoints) {
    for (const auto& [pointer, feature] : rollup->features) events[pointer] += rollup->events;
  }
  return events;
}

EndpointRollups endpoints_of(std::vector<std::pair<std::string, rollup::Rollup>> sums) {
  std::vector<const sketch::RowSample*> samples;
  for (const auto& [endpoint, rollup] : sums) samples.push_back(&rollup.rows);
  const int level = sketch::RowSample::common_level(samples, kRowsMax);
  EndpointRollups endpoints;
  for (auto& [endpoint, rollup] : sums) {
    if (level > 0) rollup.rows = rollup.rows.thinned(level);
    endpoints[endpoint] = std::make_shared<const rollup::Rollup>(std::move(rollup));
  }
  return endpoints;
}

std::shared_ptr<const rollup::Rollup> total_of(rollup::Rollup sum) {
  sum.rows = {};
  return std::make_shared<const rollup::Rollup>(std::move(sum));
}

}  // namespace driftguard::baseline

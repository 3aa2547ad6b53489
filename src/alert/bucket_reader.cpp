// SPDX-License-Identifier: Apache-2.0
#include "alert/bucket_reader.h"

#include <algorithm>
#include <optional>

namespace driftguard::alert {
namespace {

// By bucket, then endpoint; the store reads the other way round.
using Stretch = std::map<Time, std::map<std::string, rollup::RollupSum>>;

Result<Stretch> read_stretch(store::Store& store, const std::string& service, TimeRange range) {
  Stretch stretch;
  std::optional<Error> failure;
  auto read = store.read_rollups(
      {service, {}}, range, [&](std::string_view endpoint, Time bucket, std::string_view bytes) {
        Result<rollup::Rollup> rollup = rollup::decode(bytes);
        if (rollup) stretch[bucket][std::string(endpoint)].add(*rollup);
        if (!rollup) failure = rollup.error();
        return rollup.has_value();
      });
  if (!read) return read.error();
  if (failure) return *failure;
  return stretch;
}

}  // namespace

Result<void> read_buckets(store::Store& store, const std::string& service, TimeRange range,
                          const BucketVisitor& visit) {
  for (Time from = range.from; from < range.to; from += kStretch) {
    const TimeRange part{from, std::min<Time>(from + kStretch, range.to)};
    Result<Stretch> stretch = read_stretch(store, service, part);
    if (!stretch) return stretch.error();
    for (auto& [bucket, endpoints] : *stretch) {
      std::map<std::string, rollup::Rollup> sums;
      for (auto& [endpoint, sum] : endpoints) sums[endpoint] = sum.take();
      visit(bucket, borrowed(sums));
    }
  }
  return {};
}

std::vector<alarm::EndpointRollup> borrowed(const std::map<std::string, rollup::Rollup>& sums) {
  std::vector<alarm::EndpointRollup> views;
  for (const auto& [endpoint, rollup] : sums) views.push_back({endpoint, &rollup});
  return views;
}

}  // namespace driftguard::alert

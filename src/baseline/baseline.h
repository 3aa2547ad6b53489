// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/time.h"
#include "rollup/rollup.h"

namespace driftguard::baseline {

// The service levels promised; a person may edit them in a baseline's file.
struct SloTargets {
  double success_rate_min = 0.995;
  double latency_p95_max = 2000;
  friend bool operator==(const SloTargets&, const SloTargets&) = default;
};

// Where a baseline came from: a stored version, a pinned file, or made on the fly (derived.h).
enum class Source { kStore, kFile, kTrailing, kSeasonal };
const char* source_name(Source source);  // "store", "file", "trailing", "seasonal".

using EndpointRollups = std::map<std::string, std::shared_ptr<const rollup::Rollup>>;

// What a service's traffic was when it was normal. Immutable once made; shared between threads.
struct Baseline {
  int version = 0;  // 1, 2, ... per service; 0 if made on the fly or of a file that names none.
  std::string service;
  Time created_at;
  TimeRange range;  // Of the events it was built from, in whole buckets.
  // The parts of it that count, in order, if some do not: what was left out lies between them.
  std::vector<TimeRange> stretches;
  Source source = Source::kStore;
  SloTargets slo;
  EndpointRollups endpoints;
  std::shared_ptr<const rollup::Rollup> total;  // The sum of endpoints, without rows.
  std::map<std::string, std::string> names;     // By pointer: the features' names.

  std::uint64_t samples() const { return total->events; }
  // What it is the sum of.
  std::vector<TimeRange> parts() const {
    return stretches.empty() ? std::vector{range} : stretches;
  }
};

// A baseline's endpoints and total out of sums. Of all endpoints' rows a sample is kept: what one
// endpoint has, and a little, as the baselines of all services are in memory at once.
inline constexpr std::size_t kRowsMax = 4608;
EndpointRollups endpoints_of(std::vector<std::pair<std::string, rollup::Rollup>> sums);
std::shared_ptr<const rollup::Rollup> total_of(rollup::Rollup sum);

using BaselinePtr = std::shared_ptr<const Baseline>;  // Null: there is none.

// By feature: the events of the endpoints that have it, among which it could have been present.
std::map<std::string, std::uint64_t> populations(const EndpointRollups& endpoints);

}  // namespace driftguard::baseline

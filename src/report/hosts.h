// SPDX-License-Identifier: Apache-2.0
// Who sent events lately. A host is no part of a rollup, so raw events are read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/recent_rows.h"
#include "window/window.h"

namespace driftguard::report {

inline constexpr std::size_t kHostsMax = 1000;

struct Hosts {
  window::Segment segment;
  TimeRange range;
  RecentRowsEnd end;
  std::vector<std::pair<std::string, std::uint64_t>> hosts;  // The most frequent first.
};

// Errors are the store's.
Result<Hosts> find_hosts(store::Store& store, const window::Segment& segment, TimeRange range);

std::string to_json(const Hosts& hosts);

}  // namespace driftguard::report

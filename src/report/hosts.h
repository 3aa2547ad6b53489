// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "window/window.h"

namespace driftguard::report {

inline constexpr std::size_t kHostsMax = 1000;

// Who sent the events of a window.
struct Hosts {
  window::Segment segment;
  TimeRange range;
  std::uint64_t events = 0;                                  // In all, those without a host too.
  bool complete = true;                                      // All hosts are listed.
  std::vector<std::pair<std::string, std::uint64_t>> hosts;  // The most frequent first.
};

// Pure; safe from any thread.
Hosts hosts_of(const window::Segment& segment, const window::Window& window);

std::string to_json(const Hosts& hosts);

}  // namespace driftguard::report

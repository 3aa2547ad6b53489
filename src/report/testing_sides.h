// SPDX-License-Identifier: Apache-2.0
// Windows and baselines made of plain values, for tests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "report/comparison.h"

namespace driftguard::report {

// What one endpoint's rollup is made of.
struct TestingTraffic {
  std::map<std::string, std::vector<double>> numbers = {};                      // By name.
  std::map<std::string, std::map<std::string, std::uint64_t>> categories = {};  // By name.
  std::array<std::uint64_t, 5> statuses = {};
  std::vector<double> durations = {};
  std::uint64_t events = 0;  // 0: as many as the longest of the above.
};

std::shared_ptr<const rollup::Rollup> rollup_of(const TestingTraffic& traffic);
window::Window window_of(const TestingTraffic& traffic, const std::string& endpoint = "e");
std::shared_ptr<const baseline::Baseline> baseline_of(const TestingTraffic& traffic,
                                                      const std::string& endpoint = "e");

// Features are named by the last part of their pointers. `baseline` may be null.
Comparison compare(const window::Window& live, const baseline::Baseline* baseline,
                   const window::Segment& segment = {"s", {}, {}});

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// Two sides counted by the same cells: categories, or bins of numbers. What PSI and every other
// measure of shares is computed from. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "report/feature_side.h"

namespace driftguard::report {

inline constexpr const char* kOtherCategory = "__other__";

using Counts = std::map<std::string, std::uint64_t>;

struct ShareTable {
  Counts live_counts;
  Counts baseline_counts;
  std::uint64_t live_n = 0;
  std::uint64_t baseline_n = 0;
  std::vector<std::string> new_categories;       // Live only.
  std::vector<std::string> vanished_categories;  // Baseline only.
  std::vector<double> edges;                     // Of numbers: bins are (edge before, edge].

  // The counts, aligned; with the cells' names in ascending order.
  std::vector<std::uint64_t> live;
  std::vector<std::uint64_t> baseline;
};

// Compares at most `categories_max` names one by one: the heaviest of the baseline, and the
// heaviest newcomers; the others together as __other__, with those that a summary beyond its
// capacity does not name. All counts are exact.
ShareTable table_of_categories(FeatureSide live, FeatureSide baseline, std::size_t categories_max);

// Ten bins with about as many of the baseline's numbers each (stats::quantile_edges), named as
// intervals: "(-inf, 12.5]". Counts are exact for the edges given; beyond the lossless capacity of
// a summary an edge lies at the end of the cell that holds the quantile. Without a baseline there
// is one bin.
inline constexpr std::uint64_t kBins = 10;
ShareTable table_of_numbers(FeatureSide live, FeatureSide baseline);

}  // namespace driftguard::report

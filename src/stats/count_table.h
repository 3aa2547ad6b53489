// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"

namespace driftguard::stats {

// Counts of two sides aligned by category, as every measure of shares takes them. Categories with
// no count on either side are left out, so they change nothing. Pure, safe from any thread.
struct CountTable {
  std::vector<double> live;
  std::vector<double> baseline;
  std::uint64_t n = 0;  // Live, >= 1.
  std::uint64_t m = 0;  // Baseline, >= 1.

  double live_share(std::size_t k) const { return live[k] / static_cast<double>(n); }
  double baseline_share(std::size_t k) const { return baseline[k] / static_cast<double>(m); }
  std::size_t size() const { return live.size(); }
};

// kInvalidArgument, detail starting "empty_sample" when a side counts nothing, "misaligned_counts"
// when the spans differ in length.
Result<CountTable> read_table(std::span<const std::uint64_t> live,
                              std::span<const std::uint64_t> baseline);

}  // namespace driftguard::stats

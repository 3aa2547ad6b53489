// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"

namespace driftguard::stats {

// Pearson's chi-square test of homogeneity (Pearson 1900): do two sides come from the same
// distribution over K categories? sum (O - E)^2 / E over both sides, E what each side would count
// with the pooled shares, against chi-square with K - 1 degrees of freedom; without Yates'
// correction, as scipy.stats.chi2_contingency(table, correction=False). Pure functions of counts
// aligned by category; safe from any thread. Categories counted on neither side are left out.
//
// The law is a limit: with expected counts below 5 in more than a fifth of the cells (Cochran 1954)
// p is a rough figure, mostly too small with many rare categories. `sparse` says how many cells.
struct ChiSquareTest {
  double statistic = 0;       // >= 0.
  std::uint64_t degrees = 0;  // K - 1.
  double p_value = 1;         // Down to 1e-300, then 0; 1 for K = 1.
  std::uint64_t cells = 0;    // 2 K.
  std::uint64_t sparse = 0;   // Cells of which less than 5 is expected.
  std::uint64_t n = 0;        // Live events.
  std::uint64_t m = 0;        // Baseline events.
};

// Errors as read_table (count_table.h).
Result<ChiSquareTest> chi_square_test(std::span<const std::uint64_t> live,
                                      std::span<const std::uint64_t> baseline);

// Cramér's V of a table of two rows, sqrt(statistic / (n + m)), in [0, 1]: how large the
// difference is, whatever the sample sizes. n + m >= 1 (asserted).
double cramers_v(double statistic, std::uint64_t n, std::uint64_t m);

}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"
#include "stats/kolmogorov.h"
#include "stats/ks_exact.h"
#include "stats/weighted.h"

namespace driftguard::stats {

// The two-sample Kolmogorov-Smirnov test, in integers until the last division: no rounding decides
// a verdict. Values are only compared, never subtracted (1e308 is as good as 1). Pure functions,
// safe from any thread. Orientation: live against baseline, as ks_2samp(live, baseline).

enum class Alternative {
  kTwoSided,  // D  = sup |F_live - F_baseline|
  kGreater,   // D+ = sup (F_live - F_baseline): live values tend to be smaller.
  kLess,      // D- = sup (F_baseline - F_live): live values tend to be larger.
};

// The largest gap between two empirical distribution functions.
struct KsStatistic {
  uint128 t = 0;          // |i m - j n| at the gap, i of n live, j of m baseline; d = t / (m n).
  std::uint64_t n = 0;    // Live observations, >= 1.
  std::uint64_t m = 0;    // Baseline observations, >= 1.
  double d = 0.0;         // t / (m n), correctly rounded while m n < 2^64; in [0, 1].
  double location = 0.0;  // Least value at which the gap is reached; the least of all for t = 0.
  int sign = 0;           // Of F_live - F_baseline there; 0 for t = 0. Two-sided tie: +1.
};

// From samples (weighted.h); O(distinct values), no allocation.
// kInvalidArgument, detail starting "empty_sample" when a side counts nothing, "non_finite_input"
// or "unsorted_input" when a side is not a sample.
Result<KsStatistic> ks_statistic(std::span<const WeightedPoint> live,
                                 std::span<const WeightedPoint> baseline,
                                 Alternative alternative = Alternative::kTwoSided);

// From raw values in any order, in linear time on all but odd data (gap_search.h). -0.0 equals 0.0.
// kInvalidArgument, detail starting "empty_sample" or "non_finite_input" (NaN, infinity).
Result<KsStatistic> ks_statistic(std::span<const double> live, std::span<const double> baseline,
                                 Alternative alternative = Alternative::kTwoSided);

// Sizes of the groups of equal values in the pooled sample, ascending: what ks_exact_p_ties wants.
std::vector<std::uint64_t> tie_blocks(std::span<const WeightedPoint> live,
                                      std::span<const WeightedPoint> baseline);

// One cell of a partition of the line into intervals, in ascending order of value.
struct PooledCell {
  std::uint64_t live;
  std::uint64_t baseline;
  bool exact;  // All observations in the cell have one and the same value.
};

// What counts in cells say about T: t_low <= T <= t_high whatever the arrangement inside the cells,
// and both ends are reached by some arrangement. Equal when every cell that matters is exact.
struct KsBracket {
  uint128 t_low = 0;
  uint128 t_high = 0;
  std::uint64_t n = 0;  // Live observations, >= 1.
  std::uint64_t m = 0;  // Baseline observations, >= 1.
  double d_low = 0.0;
  double d_high = 0.0;
  std::size_t cell = 0;  // The cell at whose upper edge t_low is reached first.
  int sign = 0;          // Of F_live - F_baseline there; 0 for t_low = 0.
};

// t_low: largest gap at cell edges. t_high: the same and, in a cell that is not exact, the gap when
// one side's observations all come before the other's. O(cells). One-sided: gaps of that sign only.
// kInvalidArgument, detail starting "empty_sample".
Result<KsBracket> ks_bracket(std::span<const PooledCell> cells,
                             Alternative alternative = Alternative::kTwoSided);

enum class KsMethod { kExact, kAsymptotic };

struct KsPValue {
  double p;         // In [0, 1], never NaN.
  KsMethod method;  // How p was found.
};

// The p-value of a report, ties ignored (SciPy's meaning, conservative under ties). Exact
//   when max(m, n) <= 10,000 and (m n <= 1e7 or 2 T <= 2e7), at most about 40 ms;
//   and where the approximation has no value and the exact one is a product: T = m n (D = 1);
// else kstwo_sf(D, round(m n / (m + n))), halves to even, SciPy's method="asymp", below 2 ms.
// SciPy's method="auto" differs in one point: up to 10,000 it is exact at any T.
// m, n >= 1 and T <= m n (asserted).
KsPValue ks_p_value(uint128 t, std::uint64_t m, std::uint64_t n);

// The same of T of a one-sided gap: exact when max(m, n) <= 10,000 and m n <= 1e7, and for
// T = m n; else Hodges' approximation, SciPy's method="asymp".
KsPValue ks_p_value_one_sided(uint128 t, std::uint64_t m, std::uint64_t n);

}  // namespace driftguard::stats

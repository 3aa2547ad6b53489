// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "stats/weighted.h"

namespace driftguard::stats {

// Quantiles of samples (weighted.h). Pure functions, safe from any thread.

// A probability as a ratio of integers, so that ceil(0.95 n) is not at the mercy of 0.95's binary
// rounding. numerator <= denominator, denominator in 1 .. 2^32 (asserted where used).
struct Fraction {
  std::uint64_t numerator;
  std::uint64_t denominator;

  double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
};

inline constexpr Fraction kP50{1, 2};
inline constexpr Fraction kP95{19, 20};
inline constexpr Fraction kP99{99, 100};

// Rank, counted from 1, of the p-quantile among n >= 1 (asserted) values: max(1, ceil(p n)), exact
// for every n. The definition "least value that at least p n values do not exceed" (numpy's
// method="inverted_cdf", R type 1).
std::uint64_t nearest_rank(Fraction p, std::uint64_t n);

// The value at a rank counted from 1 in ascending order; 1 <= rank <= total (asserted).
// O(distinct values).
double value_at_rank(std::span<const WeightedPoint> points, std::uint64_t rank);

// The nearest-rank p-quantile: always one of the values, so integers stay integers.
// kInvalidArgument, detail starting "empty_sample".
Result<double> nearest_rank_quantile(std::span<const WeightedPoint> points, Fraction p);

// The p-quantile linear between order statistics at h = (n - 1) p (numpy's and R's default, type
// 7). p is clamped to [0, 1], NaN asserted. kInvalidArgument, detail starting "empty_sample".
Result<double> linear_quantile(std::span<const WeightedPoint> points, double p);

// Ranks l <= u, counted from 1, whose order statistics hold the p-quantile of the population
// between them with probability >= `confidence` for continuous data: l = B(alpha/2), u = B(1 -
// alpha/2) + 1, alpha = 1 - confidence, B the inverse of the Binomial(n, p) distribution (David and
// Nagaraja 2003, sec. 7.1). l = 0 says that no lower limit exists, u = n + 1 no upper one.
struct RankInterval {
  std::uint64_t lower;
  std::uint64_t upper;

  friend bool operator==(const RankInterval&, const RankInterval&) = default;
};

// n >= 1, 0 < p < 1 and 0 < confidence < 1 (asserted). Some microseconds for any n.
RankInterval quantile_rank_interval(Fraction p, std::uint64_t n, double confidence = 0.95);

}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "stats/ks.h"

namespace driftguard::stats {

// The two-sample Cramér-von Mises test (Anderson 1962), midranks under ties, as SciPy's
// cramervonmises_2samp. Pure functions, safe from any thread.
//
// SciPy's T = U / (n m (n + m)) - (4 n m - 1) / (6 (n + m)) is a small difference of large figures.
// Here the same in a form without them, g over the groups of equal values, a live and b baseline
// values in each, d = F_live - F_baseline drawn as a straight line through a group:
//   T = n m / (n + m) * integral of d^2 d(F_live + F_baseline) / 2
//       + (sum_g (a^2 - b^2)(n a - m b) - (n - m)^2) / (12 n m (n + m)).
struct CramerVonMises {
  double statistic = 0;  // T; with every cell's values tied.
  double low = 0;        // T of the values lies in [low, high], whatever they are in their cells;
  double high = 0;       // both are `statistic` where every cell with two values or more is exact.
  std::uint64_t n = 0;   // Live observations, >= 1.
  std::uint64_t m = 0;   // Baseline observations, >= 1.
};

// kInvalidArgument, detail starting "empty_sample". O(cells).
Result<CramerVonMises> cramer_von_mises(std::span<const PooledCell> cells);

// P(T >= t) by the limit law of T brought to its mean and variance (Anderson 1962, eq. 15): SciPy's
// method="asymptotic" at any size, good to some thousandths also for samples of ten. The series is
// summed to 1e-15; SciPy ends it at terms below 1e-7, so it says 1e-7 sqrt(T) where p is nearly 0.
// n, m >= 1 (asserted).
double cramer_von_mises_p(double t, std::uint64_t m, std::uint64_t n);

// The T whose limit law has the tail p: the critical value of level p; 0 < p < 1 (asserted).
double cramer_von_mises_isf(double p, std::uint64_t m, std::uint64_t n);

// P(W^2 > x), W^2 the limit of the one-sample statistic (Csorgo and Faraway 1996, eq. 1.3); in
// [0, 1], with an absolute error below 1e-14.
double cramer_von_mises_limit_sf(double x);

}  // namespace driftguard::stats

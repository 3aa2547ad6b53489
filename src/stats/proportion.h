// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace driftguard::stats {

struct Interval {
  double low;
  double high;
};

// k successes of n trials; k <= n (asserted).
struct Proportion {
  std::uint64_t successes;
  std::uint64_t trials;
};

// Wilson's score interval for the success probability (Wilson 1927), inside [0, 1], low <= k/n <=
// high; exactly 0 at k = 0 and 1 at k = n. Without trials it is [0, 1]. `z` is the normal quantile
// of the confidence, > 0 (asserted): 1.96 for 95 %. Coverage is close to nominal on average, not
// guaranteed for every probability. Pure, safe from any thread.
inline constexpr double kZ95 = 1.959963984540054;
Interval wilson_interval(Proportion observed, double z = kZ95);

// Clopper and Pearson's exact limits (1934): each is missed with probability at most `tail`, for
// every true probability. The counts may be fractions (0 <= successes <= trials, asserted), as
// overdispersed ones are after division by their design effect. 0 < tail < 1/2 (asserted).
// Without trials it is [0, 1]. Pure, safe from any thread.
Interval clopper_pearson_interval(double successes, double trials, double tail);

// The standard normal distribution; the quantile takes 0 < p < 1 (asserted).
double normal_cdf(double z);
double normal_quantile(double p);

}  // namespace driftguard::stats

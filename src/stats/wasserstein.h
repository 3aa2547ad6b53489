// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"

namespace driftguard::stats {

// The first Wasserstein distance of two samples, the earth mover's: how far a value has to be moved
// on average to make one sample of the other; the integral of |F_live - F_baseline| (Vallender
// 1974), in the unit of the values, as scipy.stats.wasserstein_distance. Pure functions of values
// counted in intervals; safe from any thread.

// Values in [low, high], all of one value if the two are equal. Intervals come in ascending order
// and do not overlap. low <= high, finite (asserted).
struct IntervalCount {
  double low;
  double high;
  std::uint64_t live;
  std::uint64_t baseline;
};

struct Wasserstein {
  double distance = 0;  // increase + decrease; infinite where a double cannot hold it.
  double increase =
      0;  // Moved upwards: the integral of F_baseline - F_live where that is positive.
  double decrease = 0;  // Moved downwards.
  // Of each of the three: whatever the values are inside their intervals, whose middles are taken,
  // the figure is off by at most this. A value moves by half its interval at most.
  double error = 0;
};

// kInvalidArgument, detail starting "empty_sample" when a side counts nothing.
Result<Wasserstein> wasserstein(std::span<const IntervalCount> intervals);

// The population's standard deviation (numpy.std) of the intervals' middles counted by `baseline`,
// and by how much that of the values can differ: the root mean square of half an interval, since
// the standard deviation is a norm. 0 for an empty side.
struct Spread {
  double deviation = 0;
  double error = 0;
};
Spread spread_of_baseline(std::span<const IntervalCount> intervals);

}  // namespace driftguard::stats

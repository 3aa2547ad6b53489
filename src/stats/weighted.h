// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"

namespace driftguard::stats {

// One distinct value of a sample and how often it occurs. A sample is a span of these, strictly
// ascending by value (so -0.0 and 0.0 are one point). Counts of zero are allowed and mean nothing.
struct WeightedPoint {
  double value;
  std::uint64_t count;

  friend bool operator==(const WeightedPoint&, const WeightedPoint&) = default;
};

// Number of observations: the sum of the counts. 0 for an empty span.
std::uint64_t total_count(std::span<const WeightedPoint> points);

// kInvalidArgument, detail "non_finite_input: value I of N is ...", for a NaN or an infinity.
Result<void> check_finite(std::span<const double> values);

// Sorts and counts raw values; O(n log n), copies. -0.0 becomes 0.0.
// Errors of check_finite.
// An empty span gives an empty sample: whether that is an error is for the statistic to say.
Result<std::vector<WeightedPoint>> weigh(std::span<const double> values);

// Holds when the values are finite and strictly ascending, as every function of this room demands.
bool is_sample(std::span<const WeightedPoint> points);

}  // namespace driftguard::stats

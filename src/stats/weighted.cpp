// SPDX-License-Identifier: Apache-2.0
#include "stats/weighted.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace driftguard::stats {

std::uint64_t total_count(std::span<const WeightedPoint> points) {
  std::uint64_t total = 0;
  for (const WeightedPoint& point : points) total += point.count;
  return total;
}

Result<void> check_finite(std::span<const double> values) {
  const auto bad = std::find_if_not(values.begin(), values.end(),
                                    [](double value) { return std::isfinite(value); });
  if (bad == values.end()) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("non_finite_input: value {} of {} is {}", bad - values.begin() + 1,
                           values.size(), *bad)};
}

Result<std::vector<WeightedPoint>> weigh(std::span<const double> values) {
  if (auto checked = check_finite(values); !checked) return checked.error();
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<WeightedPoint> points;
  for (double value : sorted) {
    if (points.empty() || points.back().value != value) {
      points.push_back({value + 0.0, 0});  // -0.0 + 0.0 is 0.0.
    }
    ++points.back().count;
  }
  return points;
}

bool is_sample(std::span<const WeightedPoint> points) {
  const auto not_ascending = [](const WeightedPoint& left, const WeightedPoint& right) {
    return !(left.value < right.value);
  };
  return std::all_of(points.begin(), points.end(),
                     [](const WeightedPoint& point) { return std::isfinite(point.value); }) &&
         std::adjacent_find(points.begin(), points.end(), not_ascending) == points.end();
}

}  // namespace driftguard::stats

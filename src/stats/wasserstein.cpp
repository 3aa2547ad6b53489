// SPDX-License-Identifier: Apache-2.0
#include "stats/wasserstein.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace driftguard::stats {
namespace {

// In long double neither sums nor differences of doubles overflow.
long double middle(const IntervalCount& interval) {
  const long double low = interval.low;
  const long double high = interval.high;
  return low == high ? low : low + (high - low) / 2;
}

long double half_width(const IntervalCount& interval) {
  return (static_cast<long double>(interval.high) - interval.low) / 2;
}

struct Sizes {
  std::uint64_t n = 0;
  std::uint64_t m = 0;
};

Sizes sizes_of(std::span<const IntervalCount> intervals) {
  Sizes sizes;
  for (const IntervalCount& interval : intervals) {
    assert(std::isfinite(interval.low) && std::isfinite(interval.high));
    assert(interval.low <= interval.high);
    sizes.n += interval.live;
    sizes.m += interval.baseline;
  }
  return sizes;
}

}  // namespace

Result<Wasserstein> wasserstein(std::span<const IntervalCount> intervals) {
  const Sizes sizes = sizes_of(intervals);
  if (sizes.n == 0 || sizes.m == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 sizes.n == 0 ? "empty_sample: live" : "empty_sample: baseline"};
  }
  const auto n = static_cast<long double>(sizes.n);
  const auto m = static_cast<long double>(sizes.m);
  long double increase = 0;
  long double decrease = 0;
  long double error = 0;
  std::uint64_t live = 0;
  std::uint64_t baseline = 0;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const IntervalCount& interval = intervals[i];
    live += interval.live;
    baseline += interval.baseline;
    error += half_width(interval) * (static_cast<long double>(interval.live) / n +
                                     static_cast<long double>(interval.baseline) / m);
    if (i + 1 == intervals.size()) break;
    const long double gap =
        static_cast<long double>(baseline) / m - static_cast<long double>(live) / n;
    const long double step = middle(intervals[i + 1]) - middle(interval);
    assert(step > 0);
    (gap > 0 ? increase : decrease) += std::fabs(gap) * step;
  }
  return Wasserstein{static_cast<double>(increase + decrease), static_cast<double>(increase),
                     static_cast<double>(decrease), static_cast<double>(error)};
}

Spread spread_of_baseline(std::span<const IntervalCount> intervals) {
  const auto m = static_cast<long double>(sizes_of(intervals).m);
  if (m == 0) return {};
  // Counted from one of the values, so that a constant has no spread at all.
  const auto first =
      std::find_if(intervals.begin(), intervals.end(),
                   [](const IntervalCount& interval) { return interval.baseline > 0; });
  const long double origin = middle(*first);
  long double sum = 0;
  for (const IntervalCount& interval : intervals) {
    sum += (middle(interval) - origin) * static_cast<long double>(interval.baseline);
  }
  const long double mean = sum / m;
  long double squares = 0;
  long double widths = 0;
  for (const IntervalCount& interval : intervals) {
    const auto count = static_cast<long double>(interval.baseline);
    const long double off = middle(interval) - origin - mean;
    const long double half = half_width(interval);
    squares += count * off * off;
    widths += count * half * half;
  }
  return {static_cast<double>(std::sqrt(squares / m)), static_cast<double>(std::sqrt(widths / m))};
}

}  // namespace driftguard::stats

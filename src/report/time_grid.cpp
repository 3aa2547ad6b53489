// SPDX-License-Identifier: Apache-2.0
#include "report/time_grid.h"

#include <array>
#include <cassert>

namespace driftguard::report {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kDay = hours(24);
constexpr auto kRound = std::to_array<seconds>(
    {seconds(10), seconds(20), seconds(30), minutes(1), minutes(2), minutes(5), minutes(10),
     minutes(15), minutes(20), minutes(30), hours(1), hours(2), hours(3), hours(4), hours(6),
     hours(8), hours(12), kDay});

// The last multiple of `step` that is not after `t`.
Time floor_to(Time t, seconds step) {
  const std::int64_t length = Microseconds(step).count();
  const std::int64_t us = us_since_epoch(t);
  const std::int64_t rest = us % length;
  return time_from_us(us - (rest < 0 ? rest + length : rest));
}

TimeGrid cut(TimeRange range, seconds step) {
  TimeGrid grid{floor_to(range.from, step), step, 0};
  const Microseconds length = range.to - grid.from;
  grid.steps = (length + step - Microseconds(1)) / step;
  return grid;
}

}  // namespace

TimeGrid grid_over(TimeRange range, std::int64_t steps_max) {
  assert(range.from < range.to && steps_max >= 1);
  for (const seconds step : kRound) {
    const TimeGrid grid = cut(range, step);
    if (grid.steps <= steps_max) return grid;
  }
  for (seconds step = 2 * kDay;; step += std::max(kDay, step / 16 / kDay * kDay)) {
    const TimeGrid grid = cut(range, step);
    if (grid.steps <= steps_max) return grid;
  }
}

TimeGrid grid_until(Time now, seconds step, std::int64_t steps) {
  assert(step > seconds(0) && steps >= 1);
  return {floor_to(now, step) - step * (steps - 1), step, steps};
}

}  // namespace driftguard::report

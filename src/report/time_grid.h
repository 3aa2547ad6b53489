// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/time.h"

namespace driftguard::report {

// A stretch of time cut into steps of one length, which begin at multiples of it since 1970.
struct TimeGrid {
  Time from;
  std::chrono::seconds step{0};
  std::int64_t steps = 0;

  Time to() const { return from + step * steps; }
  TimeRange at(std::int64_t index) const {
    return {from + step * index, from + step * (index + 1)};
  }
  friend bool operator==(const TimeGrid&, const TimeGrid&) = default;
};

// The grid of the shortest round steps (10 s, 20 s, ... 12 h, whole days) of which at most
// `steps_max` (>= 1, asserted) cover `range`, which must not be empty (asserted).
TimeGrid grid_over(TimeRange range, std::int64_t steps_max);

// The grid of `steps` steps of `step` whose last one holds `now`.
TimeGrid grid_until(Time now, std::chrono::seconds step, std::int64_t steps);

}  // namespace driftguard::report

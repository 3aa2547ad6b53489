// SPDX-License-Identifier: Apache-2.0
// Kept sums: beside the summaries of buckets, which stay the truth, a store keeps what they add up
// to over whole minutes and whole hours, so that a long window is read in few pieces.
//
// A sum is derived and may be missing at any time: it is made when its stretch has ended, deleted
// by the very commit that adds to a bucket in it, and made again later. So a sum that is there is
// exactly the sum of its buckets, at every moment and after every crash.
#pragma once

#include <array>
#include <chrono>

#include "core/time.h"

namespace driftguard::store {

// Narrowest first; each is a multiple of the one before.
inline constexpr std::array<std::chrono::seconds, 2> kSumWidths{std::chrono::minutes(1),
                                                                std::chrono::hours(1)};

// The first moment of the stretch of this width that holds `t`, also before 1970.
inline Time stretch_of(Time t, std::chrono::seconds width) {
  const Microseconds since = t.time_since_epoch() % Microseconds(width);
  return t - (since < Microseconds(0) ? since + width : since);
}

}  // namespace driftguard::store

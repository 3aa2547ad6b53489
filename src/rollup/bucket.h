// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/time.h"

namespace driftguard::rollup {

// Every event belongs to one bucket by its own time; windows are made of whole buckets.
inline constexpr std::chrono::seconds kBucketWidth{10};

// The first moment of the bucket that holds `t`, also before 1970.
inline Time bucket_of(Time t) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<10>>>(t);
}

// The least range of whole buckets that covers `range`.
inline TimeRange whole_buckets(TimeRange range) {
  Time to = bucket_of(range.to);
  if (to < range.to) to += kBucketWidth;
  return {bucket_of(range.from), to};
}

}  // namespace driftguard::rollup

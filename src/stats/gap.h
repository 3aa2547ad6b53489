// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "stats/ks.h"

namespace driftguard::stats {

// What both ways to the Kolmogorov-Smirnov statistic share: gaps between two empirical
// distribution functions as integers, in units of 1 / (m n). For ks.cpp and gap_search.cpp only.

// Observations at or below a value, of the live and of the baseline side.
struct Progress {
  std::uint64_t live = 0;
  std::uint64_t baseline = 0;

  uint128 weighted_live(std::uint64_t m) const { return uint128{live} * m; }
  uint128 weighted_baseline(std::uint64_t n) const { return uint128{baseline} * n; }
};

inline uint128 distance(uint128 left, uint128 right) {
  return left > right ? left - right : right - left;
}

// t / (m n), correctly rounded while m n < 2^64.
inline double ratio(uint128 t, std::uint64_t m, std::uint64_t n) {
  return static_cast<double>(static_cast<long double>(t) /
                             static_cast<long double>(uint128{m} * n));
}

// Is a gap with the live side ahead (or behind) one the alternative looks at?
inline bool counts_for(Alternative alternative, bool live_ahead) {
  return alternative == Alternative::kTwoSided ||
         (alternative == Alternative::kGreater) == live_ahead;
}

// Takes the gap at `value` into `best`, whose n and m are set. Values have to come ascending.
inline void consider(KsStatistic& best, const Progress& at, double value, Alternative alternative) {
  const uint128 ahead = at.weighted_live(best.m);
  const uint128 behind = at.weighted_baseline(best.n);
  if (!counts_for(alternative, ahead > behind)) return;
  const uint128 gap = distance(ahead, behind);
  const int sign = ahead > behind ? 1 : -1;
  const bool wins_tie = gap == best.t && sign > best.sign && best.sign != 0;
  if (gap < best.t || (gap == best.t && !wins_tie)) return;
  best.t = gap;
  best.location = value;
  best.sign = sign;
}

}  // namespace driftguard::stats

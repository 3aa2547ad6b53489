// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "stats/share_distance.h"

namespace driftguard::stats {

// The Jensen-Shannon distance of live shares a and baseline shares e (Lin 1991, Endres and
// Schindelin 2003): sqrt((KL(a, h) + KL(e, h)) / 2), h = (a + e) / 2, logarithms of base 2; a
// metric in [0, 1], as scipy.spatial.distance.jensenshannon(a, e, base=2). Without drift its square
// is about (K - 1)(1/n + 1/m) / (8 ln 2), as a chi-square over twice the counts.
//
// Pure, safe from any thread. Errors as read_table (count_table.h).
Result<ShareDistance> jensen_shannon(std::span<const std::uint64_t> live,
                                     std::span<const std::uint64_t> baseline);

}  // namespace driftguard::stats

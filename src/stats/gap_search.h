// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "stats/ks.h"

namespace driftguard::stats {

// The largest gap between the distribution functions of two unsorted samples, exactly, without
// sorting them: the line is cut into cells, observations are counted, and only cells in which a
// gap as large as the largest at an edge is still possible are looked into, in the same way, until
// few enough are left to be sorted. What ks_statistic makes of raw values.
//
// Values finite, both sides not empty (asserted); -0.0 is 0.0. Three passes over the values where
// the sides differ or are much alike by chance; as dear as a radix sort where they are equal (every
// cell stays possible). Memory: 256 KiB, and for each level of cells 8 bytes an observation that is
// still looked into; at most 13 levels. Pure, safe from any thread.
KsStatistic largest_gap(std::span<const double> live, std::span<const double> baseline,
                        Alternative alternative);

}  // namespace driftguard::stats

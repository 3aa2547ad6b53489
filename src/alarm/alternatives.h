// SPDX-License-Identifier: Apache-2.0
// The drifts a detector is alert to, as distributions over cells. Which they are decides how fast
// an alarm comes, never how often a false one does. Pure functions, safe from any thread.
#pragma once

#include <span>
#include <vector>

#include "alarm/detector.h"
#include "alarm/null_set.h"

namespace driftguard::alarm {

struct Drift {
  Component component;  // Its weight before the mixture is sealed; eta 1.
  std::vector<double> shares;
};

// For ordered cells with the baseline's `shares` (all > 0):
// - location: normal scores of the cells move by 0.1 .. 2 standard deviations, either way;
// - scale: they spread or shrink, by 10 % to 100 %;
// - outliers: 0.6 % or 2.5 % in the outermost one or two cells, half on either side;
// - one edge: the cumulative share leaves its limits, by three sizes, either way; cells on either
//   side keep their proportions.
std::vector<Drift> ordered_drifts(std::span<const double> shares, const NullSet& null);

// For unordered cells: one cell's share leaves its limits, by three sizes, either way.
std::vector<Drift> unordered_drifts(std::span<const double> shares, const NullSet& null);

// For a rate whose bad share (cell 0) is at most null.high[0]: multiples of it, and large shares.
std::vector<Drift> rate_drifts(const NullSet& null);

}  // namespace driftguard::alarm

// SPDX-License-Identifier: Apache-2.0
// Two shares against each other. Pure functions; safe from any thread.
#pragma once

#include "stats/proportion.h"

namespace driftguard::report {

// How many of how many, on either side; trials >= 1 (asserted where used).
struct RateCounts {
  stats::Proportion control;
  stats::Proportion candidate;
};

// The chance of so many of the candidate's, or more, if both sides had the same share: Fisher's
// exact test (1935), one-sided; the pooled normal limit where more than 2,000 are counted in all.
double p_of_more(const RateCounts& counts);
// The same in either direction: twice the smaller of both one-sided chances.
double p_of_other(const RateCounts& counts);

// Of the candidate's share less the control's: Newcombe's hybrid of Wilson's intervals (1998),
// missed with a chance of about `alpha`.
stats::Interval difference_interval(const RateCounts& counts, double alpha);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "stats/share_distance.h"

namespace driftguard::stats {

// The total variation distance of live shares a and baseline shares e: sum |a_k - e_k| / 2, the
// share of events that would have to change category; in [0, 1]; half of SciPy's
// distance.cityblock(a, e). Without drift each |a_k - e_k| is about
// sqrt(2 p (1 - p)(1/n + 1/m) / pi), p the pooled share: the mean of a normal variable's size.
//
// Pure, safe from any thread. Errors as read_table (count_table.h).
Result<ShareDistance> total_variation(std::span<const std::uint64_t> live,
                                      std::span<const std::uint64_t> baseline);

}  // namespace driftguard::stats

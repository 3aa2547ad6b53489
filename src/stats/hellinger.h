// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "stats/share_distance.h"

namespace driftguard::stats {

// The Hellinger distance of live shares a and baseline shares e (Hellinger 1909):
// sqrt(sum (sqrt(a_k) - sqrt(e_k))^2 / 2) = sqrt(1 - sum sqrt(a_k e_k)); a metric in [0, 1].
// Without drift its square is about (K - 1)(1/n + 1/m) / 8.
//
// Pure, safe from any thread. Errors as read_table (count_table.h).
Result<ShareDistance> hellinger(std::span<const std::uint64_t> live,
                                std::span<const std::uint64_t> baseline);

}  // namespace driftguard::stats

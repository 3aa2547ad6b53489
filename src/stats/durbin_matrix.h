// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace driftguard::stats {

// P(D_n < d) of the two-sided one-sample law by Durbin's matrix (Marsaglia, Tsang and Wang 2003,
// J. Stat. Softw. 8(18)): entry (k, k) of n!/n^n H^n, H of order 2k - 1, k = ceil(n d). Exact up to
// rounding (relative 1e-12: every entry is non-negative), cost (2k)^3 log2(n) / 2, so for small
// n d only: kstwo_cdf decides. n >= 1 and 0.5 < n d, d < 1 (asserted). Pure, safe from any thread.
double durbin_matrix_cdf(std::uint64_t n, double d);

}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace driftguard::stats {

// Exact null law of the two-sample Kolmogorov-Smirnov statistic in integers: samples of m and n
// observations, T = max |i n - j m| (m n D), i and j the counts at or below a value.
//
// Under the null every interleaving of the m + n observations is equally likely, so the p-value is
// the share of lattice paths (0,0) -> (m,n) that somewhere touch |i n - j m| >= T (Hodges 1958).
// The mass of the paths that have not touched yet is carried forward along the anti-diagonals with
// hypergeometric step probabilities, and whatever crosses the boundary is absorbed into p
// (the forward form of Viehmann 2021, arXiv 2102.08037). All terms are positive: the relative
// error stays below 1e-12 down to the least normal double (2.2e-308); smaller results are 0.
// m = n and D = 1 have closed forms.
//
// All functions: m, n in 1 .. 2^31 - 1 (any size for T = m n) and 0 <= T <= m n, asserted;
// symmetric in m and n; result in [0, 1], never NaN, non-increasing in T; pure, safe from any
// thread.

__extension__ using uint128 = unsigned __int128;

// P(D >= T/(m n)) for continuous data, ties ignored: what SciPy's ks_2samp(method="exact") means.
// Conservative when there are ties. Memory min(m, n) doubles; about min(2 T, m n) steps of 1 ns
// (O(m) when m = n or T = m n).
double ks_exact_p(uint128 t, std::uint64_t m, std::uint64_t n);

// P(D+ >= T/(m n)) = P(D- >= T/(m n)), D+ = sup (F_m - F_n), for continuous data: SciPy's exact
// one-sided meaning. At most m n steps.
double ks_exact_p_one_sided(uint128 t, std::uint64_t m, std::uint64_t n);

// P(D >= T/(m n)) given the pooled ties, the meaning of R >= 4.2 (Schroer and Trenkler 1995): the
// boundary counts only where the pooled value changes. `blocks` are the sizes of the groups of
// equal pooled values in ascending order of value; they add up to m + n (asserted).
// Never larger than ks_exact_p. Steps: see ks_exact_ties_operations.
double ks_exact_p_ties(uint128 t, std::uint64_t m, std::uint64_t n,
                       std::span<const std::uint64_t> blocks);

// Upper bounds on the steps the functions above take (about 1 ns each): ask before computing.
// A long block widens the band, up to m n steps for one long block.
double ks_exact_operations(uint128 t, std::uint64_t m, std::uint64_t n);
double ks_exact_ties_operations(uint128 t, std::uint64_t m, std::uint64_t n,
                                std::span<const std::uint64_t> blocks);

}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace driftguard::stats {

// The Kolmogorov and Smirnov distributions, as SciPy 1.10 computes them, so that a person can check
// a report against scipy.stats and scipy.special. Compared with SciPy over n = 1 .. 5e6 and
// p = 1 .. 1e-300 (oracle_test.cpp): relative difference below 1e-9.
//
// All functions: result in [0, 1] and never NaN for a d or x that is not NaN (asserted), n >= 1
// (asserted), non-increasing in d but for steps up to 1e-6 where SciPy's methods meet (n > 140);
// pure, safe from any thread.

// Limit law Q(x) = 2 sum_{k>=1} (-1)^(k-1) exp(-2 k^2 x^2) (Kolmogorov 1933); 1 for x <= 0. Below
// x = 1.18 its theta transform is summed. x = sqrt(m n / (m + n)) D gives the limit p-value.
double kolmogorov_sf(double x);

// The x with kolmogorov_sf(x) = p: the critical value of level p. 0 for p >= 1, infinity for p <=
// 0.
double kolmogorov_isf(double p);

// Two-sample p-value Q((s + 0.12 + 0.11 / s) d), s = sqrt(m n / (m + n)) (Stephens 1970).
// Good to a few per cent when m != n; too small when m = n. m, n >= 1 (asserted).
double ks_stephens_p(double d, std::uint64_t m, std::uint64_t n);

// One-sided two-sample p-value exp(-2 z^2 - 2 z (l + 2 s) / (3 sqrt(l s (l + s)))), z = sqrt(l s /
// (l + s)) d, l >= s the sample sizes (Hodges 1958, eq. 5.3): SciPy's method="asymp", alternative
// "greater" or "less". m, n >= 1 (asserted).
double ks_hodges_p(double d, std::uint64_t m, std::uint64_t n);

// Exact one-sided one-sample law P(D_n^+ >= d) = d sum_j C(n,j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j)
// (Birnbaum and Tingey 1951) = scipy.special.smirnov(n, d). Terms by Loader's saddle point form in
// long double. The summand is smooth and flat at both ends, so for large n every s-th term is
// summed, times s (trapezoid rule, error below 1e-14): at most some thousand terms unless
// n d^2 < 0.05. As SciPy, n > 1e6 uses exp(-(6 n d + 1)^2 / (18 n)) (Maag and Dicaire 1971,
// good to 1e-5) and 2 n d^2 > 708.4 gives 0.
double smirnov_sf(std::uint64_t n, double d);

// Exact two-sided one-sample law P(D_n >= d) and its complement = scipy.stats.kstwo.sf / cdf, with
// SciPy's choice of method (Simard and L'Ecuyer 2011, J. Stat. Softw. 39(11)):
//   n d <= 1, n d >= n - 1   closed forms (Ruben and Gambino 1982)
//   d >= 0.5                 2 smirnov_sf
//   n <= 140                 Durbin's matrix while n d^2 <= 4, then 2 smirnov_sf
//   n > 140                  sf: 0 from n d^2 >= 370, 2 smirnov_sf from n d^2 >= 2.2; below and for
//                            the cdf: Durbin's matrix (Marsaglia, Tsang and Wang 2003) while
//                            n <= 1e5 and n d^1.5 <= 1.4, else Pelz and Good 1976
// The two-sample asymptotic p-value is kstwo_sf(D, round(m n / (m + n))). sf: below 2 ms for any n.
// cdf: up to 30 ms at n = 1e5 with a tiny d.
double kstwo_sf(double d, std::uint64_t n);
double kstwo_cdf(double d, std::uint64_t n);

}  // namespace driftguard::stats

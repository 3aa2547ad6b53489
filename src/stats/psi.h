// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"
#include "stats/weighted.h"

namespace driftguard::stats {

// The Population Stability Index sum_k (a_k - e_k) ln(a_k / e_k) over categories, a live and e
// baseline shares, natural logarithm; symmetric in the two sides. Pure functions of two vectors of
// counts aligned by category; safe from any thread. Categories with no count on either side are
// left out, so they change nothing, not even K.

// What stands in for an empty (or tiny) category, which would make the index infinite. The choice
// decides what a new category costs: 1 % of new live events is PSI 0.092 with the floor 1e-6, 0.046
// with Evidently's rule, 0.021 with scorecard's and 0.031 with Jeffreys'.
enum class ZeroRule {
  kFloor,      // Every share below PsiOptions::floor becomes the floor; not renormalised. Default.
  kEvidently,  // Only a zero share: 1e-4, or the side's least share / 1e6 if that is <= 1e-4.
  kScorecard,  // R scorecard::perf_psi: a zero count becomes 0.99, then renormalised.
  kJeffreys,   // (count + 0.5) / (n + 0.5 K) for every category: the one with a known law.
  kDeepchecks  // Every share below 0.01 becomes 0.01.
};

struct PsiOptions {
  ZeroRule rule = ZeroRule::kFloor;
  double floor = 1e-6;  // For kFloor only; in (0, 1), asserted.
};

// The index, >= 0 and finite.
// kInvalidArgument, detail starting "empty_sample" when a side counts nothing, "misaligned_counts"
// when the spans differ in length.
Result<double> psi(std::span<const std::uint64_t> live, std::span<const std::uint64_t> baseline,
                   const PsiOptions& options = {});

// The index beside what chance alone gives. Without drift PSI is about (1/n + 1/m) times a
// chi-square variable with K - 1 degrees of freedom (Yurdakul and Naranjo 2020), so small samples
// show a large index for no reason, and large samples a small one that is real.
struct PsiTest {
  double psi;                // By the rule asked for.
  double psi_jeffreys;       // By kJeffreys, which keeps the size of the test.
  double expected;           // (K - 1) (1/n + 1/m): the mean of PSI without drift.
  double debiased;           // max(0, psi_jeffreys - expected)
  double p_value;            // P(chi2_{K-1} >= psi_jeffreys / (1/n + 1/m)); 1 for K = 1.
  std::uint64_t categories;  // K: categories with a count on either side.
  std::uint64_t n;           // Live events.
  std::uint64_t m;           // Baseline events.
};

// Errors as psi. p_value goes down to 1e-300, then 0.
Result<PsiTest> psi_test(std::span<const std::uint64_t> live,
                         std::span<const std::uint64_t> baseline, const PsiOptions& options = {});

// (K - 1) (1/n + 1/m), the mean of PSI without drift. All >= 1 (asserted).
double psi_expected(std::uint64_t categories, std::uint64_t n, std::uint64_t m);

// P(chi2 with `degrees` degrees of freedom >= x); 1 for degrees = 0 or x <= 0.
double chi_square_sf(double x, std::uint64_t degrees);

// The x with chi_square_sf(x, degrees) = p: the critical value of level p. 0 for degrees = 0 or
// p >= 1, infinity for p <= 0.
double chi_square_isf(double p, std::uint64_t degrees);

// Edges that cut a baseline into at most `bins` (>= 1, asserted) intervals of about equal count:
// the distinct ceil(k m / bins)-th order statistics, k = 1 .. bins - 1, below the maximum. A bin is
// (edge before, edge]; the last is open. Empty for an empty or constant baseline.
std::vector<double> quantile_edges(std::span<const WeightedPoint> baseline, std::uint64_t bins);

// Counts in the edges.size() + 1 bins of quantile_edges; edges ascending (asserted).
std::vector<std::uint64_t> count_in_bins(std::span<const WeightedPoint> points,
                                         std::span<const double> edges);

}  // namespace driftguard::stats

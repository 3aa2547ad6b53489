// SPDX-License-Identifier: Apache-2.0
// Two samples of numbers side by side, as a chart draws them. Pure functions; safe from any thread.
// What is read off a summary is exact up to its resolution (sketch/numeric_summary.h).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "sketch/numeric_summary.h"
#include "stats/quantile.h"

namespace driftguard::report {

// Both empirical distribution functions at the same points: shares of values <= x.
struct Ecdf {
  std::vector<double> x;         // Ascending.
  std::vector<double> live;      // Empty without values.
  std::vector<double> baseline;  // The same.
};

// At most about `points` (>= 2, asserted) of them, chosen so that between two the functions rise
// alike; the first, the last and, if given, `at` (a value that KS gave) are among them. All values
// if they are no more than that.
Ecdf ecdf_of(const sketch::NumericSummary& live, const sketch::NumericSummary& baseline,
             std::size_t points, std::optional<double> at);

// Where the functions are furthest apart.
struct Gap {
  double x = 0;
  double live = 0;  // Share of values <= x.
  double baseline = 0;
};
// At `at`, which must be one of the points.
std::optional<Gap> gap_of(const Ecdf& ecdf, std::optional<double> at);

// Shares on shared bins: [edge, next edge), the last one with its upper edge.
struct Histogram {
  struct Side {
    std::vector<double> shares;  // Empty without values.
    double below = 0;            // Beyond the first and the last edge.
    double above = 0;
  };
  std::vector<double> edges;  // One more than bins, ascending.
  Side live;
  Side baseline;
};

// Up to `bins` (>= 1, asserted) bins of equal width over all values but far outliers; whole numbers
// get bins of a whole width. Nothing without values.
std::optional<Histogram> histogram_of(const sketch::NumericSummary& live,
                                      const sketch::NumericSummary& baseline, std::size_t bins);

struct QuantilePair {
  stats::Fraction p;
  std::optional<double> live;
  std::optional<double> baseline;
};
inline constexpr std::array<stats::Fraction, 7> kShownQuantiles = {
    {{1, 100}, {1, 20}, {1, 4}, {1, 2}, {3, 4}, {19, 20}, {99, 100}}};
std::vector<QuantilePair> quantiles_of(const sketch::NumericSummary& live,
                                       const sketch::NumericSummary& baseline);

// The share of values above (below) x; nothing without values.
std::optional<double> share_above(const sketch::NumericSummary& numbers, double x);
std::optional<double> share_below(const sketch::NumericSummary& numbers, double x);

// How much lies beyond what was rare.
struct Tail {
  double threshold = 0;  // A quantile of the baseline.
  std::optional<double> live;
  double baseline = 0;
};
std::optional<Tail> tail_above_p99(const sketch::NumericSummary& live,
                                   const sketch::NumericSummary& baseline);
std::optional<Tail> tail_below_p1(const sketch::NumericSummary& live,
                                  const sketch::NumericSummary& baseline);

}  // namespace driftguard::report

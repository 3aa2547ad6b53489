// SPDX-License-Identifier: Apache-2.0
#include "stats/psi.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/count_table.h"
#include "stats/quantile.h"

namespace driftguard::stats {
namespace {

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

std::vector<double> divided(std::vector<double> counts, double total) {
  for (double& count : counts) count /= total;
  return counts;
}

std::vector<double> floored(std::vector<double> shares, double floor) {
  for (double& share : shares) share = std::max(share, floor);
  return shares;
}

std::vector<double> evidently(std::vector<double> shares) {
  double least = 1.0;
  for (double share : shares) {
    if (share > 0.0) least = std::min(least, share);
  }
  const double filler = least <= 1e-4 ? least / 1e6 : 1e-4;
  std::replace(shares.begin(), shares.end(), 0.0, filler);
  return shares;
}

std::vector<double> scorecard(std::vector<double> counts) {
  std::replace(counts.begin(), counts.end(), 0.0, 0.99);
  const double total = sum_of(counts);
  return divided(std::move(counts), total);
}

std::vector<double> jeffreys(std::vector<double> counts) {
  for (double& count : counts) count += 0.5;
  const double total = sum_of(counts);
  return divided(std::move(counts), total);
}

std::vector<double> shares(const std::vector<double>& counts, const PsiOptions& options) {
  const double total = sum_of(counts);
  switch (options.rule) {
    case ZeroRule::kFloor:
      return floored(divided(counts, total), options.floor);
    case ZeroRule::kEvidently:
      return evidently(divided(counts, total));
    case ZeroRule::kScorecard:
      return scorecard(counts);
    case ZeroRule::kJeffreys:
      return jeffreys(counts);
    case ZeroRule::kDeepchecks:
      return floored(divided(counts, total), 0.01);
  }
  return {};
}

double index_of(const CountTable& table, const PsiOptions& options) {
  assert(options.floor > 0.0 && options.floor < 1.0);
  const std::vector<double> live = shares(table.live, options);
  const std::vector<double> baseline = shares(table.baseline, options);
  double sum = 0.0;
  for (std::size_t k = 0; k < live.size(); ++k) {
    sum += (live[k] - baseline[k]) * std::log(live[k] / baseline[k]);
  }
  assert(sum >= 0.0);  // Both factors of a term have the same sign.
  return sum;
}

}  // namespace

Result<double> psi(std::span<const std::uint64_t> live, std::span<const std::uint64_t> baseline,
                   const PsiOptions& options) {
  const auto table = read_table(live, baseline);
  if (!table) return table.error();
  return index_of(*table, options);
}

Result<PsiTest> psi_test(std::span<const std::uint64_t> live,
                         std::span<const std::uint64_t> baseline, const PsiOptions& options) {
  const auto table = read_table(live, baseline);
  if (!table) return table.error();
  PsiTest test{};
  test.categories = table->live.size();
  test.n = table->n;
  test.m = table->m;
  test.psi = index_of(*table, options);
  test.psi_jeffreys = index_of(*table, {.rule = ZeroRule::kJeffreys});
  test.expected = psi_expected(test.categories, test.n, test.m);
  test.debiased = std::max(0.0, test.psi_jeffreys - test.expected);
  test.p_value =
      chi_square_sf(test.psi_jeffreys / psi_expected(2, test.n, test.m), test.categories - 1);
  return test;
}

double psi_expected(std::uint64_t categories, std::uint64_t n, std::uint64_t m) {
  assert(categories >= 1 && n >= 1 && m >= 1);
  return static_cast<double>(categories - 1) *
         (1.0 / static_cast<double>(n) + 1.0 / static_cast<double>(m));
}

double chi_square_isf(double p, std::uint64_t degrees) {
  assert(!std::isnan(p));
  if (degrees == 0 || p >= 1.0) return 0.0;
  if (p <= 0.0) return std::numeric_limits<double>::infinity();
  return 2.0 * boost::math::gamma_q_inv(static_cast<double>(degrees) / 2.0, p);
}

double chi_square_sf(double x, std::uint64_t degrees) {
  assert(!std::isnan(x));
  if (degrees == 0 || x <= 0.0) return 1.0;
  if (std::isinf(x)) return 0.0;
  const double p = boost::math::gamma_q(static_cast<double>(degrees) / 2.0, x / 2.0);
  return p < std::numeric_limits<double>::min() ? 0.0 : std::min(p, 1.0);
}

std::vector<double> quantile_edges(std::span<const WeightedPoint> baseline, std::uint64_t bins) {
  assert(bins >= 1);
  assert(is_sample(baseline));
  std::vector<double> edges;
  const std::uint64_t m = total_count(baseline);
  if (m == 0) return edges;
  const double maximum = value_at_rank(baseline, m);
  for (std::uint64_t k = 1; k < bins; ++k) {
    const double edge = value_at_rank(baseline, nearest_rank({k, bins}, m));
    if (edge < maximum && (edges.empty() || edges.back() < edge)) edges.push_back(edge);
  }
  return edges;
}

std::vector<std::uint64_t> count_in_bins(std::span<const WeightedPoint> points,
                                         std::span<const double> edges) {
  assert(std::is_sorted(edges.begin(), edges.end()));
  std::vector<std::uint64_t> counts(edges.size() + 1, 0);
  for (const WeightedPoint& point : points) {
    const auto bin = std::lower_bound(edges.begin(), edges.end(), point.value) - edges.begin();
    counts[static_cast<std::size_t>(bin)] += point.count;
  }
  return counts;
}

}  // namespace driftguard::stats

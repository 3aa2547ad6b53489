// SPDX-License-Identifier: Apache-2.0
#include "stats/cramer_von_mises.h"

#include <algorithm>
#include <boost/math/special_functions/bessel.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cassert>
#include <cmath>
#include <numbers>

namespace driftguard::stats {
namespace {

using Real = long double;

// The parts of T that one cell adds: to the integral, and to the sum over groups.
struct Part {
  Real integral = 0;
  Real groups = 0;
};

// A cell, and d before it.
struct Stretch {
  Real before;
  Real live;  // Counts.
  Real baseline;
  Real n;  // Of all.
  Real m;

  Real weight() const { return (live / n + baseline / m) / 2; }
  Real after() const { return before + live / n - baseline / m; }

  Part tied() const {
    const Real end = after();
    return {weight() * (before * before + before * end + end * end) / 3,
            (live * live - baseline * baseline) * (n * live - m * baseline)};
  }
  // No arrangement of the values in the cell gives less, or more. Inside, d lies between where it
  // is when one side's values all come first.
  Part least() const {
    const Real low = before - baseline / m;
    const Real high = before + live / n;
    const Real size = low <= 0 && high >= 0 ? 0 : std::min(std::fabs(low), std::fabs(high));
    return {weight() * size * size, -(m * live * live * baseline + n * live * baseline * baseline)};
  }
  Part most() const {
    const Real size = std::max(std::fabs(before - baseline / m), std::fabs(before + live / n));
    return {weight() * size * size, n * live * live * live + m * baseline * baseline * baseline};
  }
};

double statistic_of(const Part& sum, Real n, Real m) {
  return static_cast<double>(n * m / (n + m) * sum.integral +
                             (sum.groups - (n - m) * (n - m)) / (12 * n * m * (n + m)));
}

void add(const Part& part, Part* sum) {
  sum->integral += part.integral;
  sum->groups += part.groups;
}

// The mean and the variance of T without drift (Anderson 1962, eq. 11 and 14).
struct Moments {
  Real mean;
  Real variance;
};

Moments moments_of(std::uint64_t m_count, std::uint64_t n_count) {
  const auto n = static_cast<Real>(n_count);
  const auto m = static_cast<Real>(m_count);
  const Real all = n + m;
  const Real inner = 4 * n * m * all - 3 * (n * n + m * m) - 2 * n * m;
  return {(1 + 1 / all) / 6, (all + 1) * inner / (45 * all * all * 4 * n * m)};
}

}  // namespace

Result<CramerVonMises> cramer_von_mises(std::span<const PooledCell> cells) {
  CramerVonMises found;
  for (const PooledCell& cell : cells) {
    found.n += cell.live;
    found.m += cell.baseline;
  }
  if (found.n == 0 || found.m == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 found.n == 0 ? "empty_sample: live" : "empty_sample: baseline"};
  }
  const auto n = static_cast<Real>(found.n);
  const auto m = static_cast<Real>(found.m);
  Part sum;
  Part least;
  Part most;
  std::uint64_t live = 0;
  std::uint64_t baseline = 0;
  for (const PooledCell& cell : cells) {
    const Stretch stretch{static_cast<Real>(live) / n - static_cast<Real>(baseline) / m,
                          static_cast<Real>(cell.live), static_cast<Real>(cell.baseline), n, m};
    const bool known = cell.exact || cell.live + cell.baseline < 2;
    add(stretch.tied(), &sum);
    add(known ? stretch.tied() : stretch.least(), &least);
    add(known ? stretch.tied() : stretch.most(), &most);
    live += cell.live;
    baseline += cell.baseline;
  }
  found.statistic = statistic_of(sum, n, m);
  found.low = std::min(statistic_of(least, n, m), found.statistic);
  found.high = std::max(statistic_of(most, n, m), found.statistic);
  return found;
}

double cramer_von_mises_p(double t, std::uint64_t m, std::uint64_t n) {
  assert(m >= 1 && n >= 1);
  const Moments moments = moments_of(m, n);
  const Real off = static_cast<Real>(t) - moments.mean;
  return cramer_von_mises_limit_sf(
      static_cast<double>(Real{1} / 6 + off / std::sqrt(45 * moments.variance)));
}

double cramer_von_mises_isf(double p, std::uint64_t m, std::uint64_t n) {
  assert(p > 0 && p < 1);
  double low = 0;
  double high = 8;
  while (high - low > 1e-12) {
    const double middle = low + (high - low) / 2;
    (cramer_von_mises_limit_sf(middle) > p ? low : high) = middle;
  }
  const Moments moments = moments_of(m, n);
  return static_cast<double>(moments.mean +
                             (high - Real{1} / 6) * std::sqrt(45 * moments.variance));
}

double cramer_von_mises_limit_sf(double x) {
  assert(!std::isnan(x));
  constexpr double kLeast = 0.003;  // Below it the tail is 1 to 1e-17.
  constexpr double kLargest = 8;    // Beyond it the tail is below 1e-17.
  if (x < kLeast) return 1;
  if (x > kLargest) return 0;
  double below = 0;
  for (int k = 0;; ++k) {
    const double y = 4 * k + 1;
    const double q = y * y / (16 * x);
    const double gammas = boost::math::tgamma_delta_ratio(k + 0.5, 0.5);
    const double term = gammas / (std::pow(std::numbers::pi, 1.5) * std::sqrt(x)) * std::sqrt(y) *
                        std::exp(-q) * boost::math::cyl_bessel_k(0.25, q);
    below += term;
    if (term < 1e-17) break;
  }
  return std::clamp(1 - below, 0.0, 1.0);
}

}  // namespace driftguard::stats

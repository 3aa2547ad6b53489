// SPDX-License-Identifier: Apache-2.0
#include "stats/quantile.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cassert>
#include <cmath>

namespace driftguard::stats {
namespace {

__extension__ using uint128 = unsigned __int128;

Error empty_sample() { return {ErrorCode::kInvalidArgument, "empty_sample: no quantile"}; }

void assert_fraction([[maybe_unused]] Fraction p) {
  assert(p.denominator >= 1 && p.denominator <= (std::uint64_t{1} << 32));
  assert(p.numerator <= p.denominator);
}

// P(Binomial(n, p) <= k).
double binomial_cdf(std::uint64_t k, std::uint64_t n, double p) {
  if (k >= n) return 1.0;
  // Plain double: the quantile asks for the order of probabilities, not for their last digits.
  using namespace boost::math::policies;
  return boost::math::ibetac(static_cast<double>(k) + 1.0, static_cast<double>(n - k), p,
                             policy<promote_double<false>>());
}

// Least k with P(Binomial(n, p) <= k) >= q. Searched within eight standard deviations of the mean
// where the answer lies there, as it does for any q that a person asks about.
std::uint64_t binomial_quantile(double q, std::uint64_t n, double p) {
  const double size = static_cast<double>(n);
  const double reach = 8 * std::sqrt(size * p * (1 - p)) + 8;
  auto low = static_cast<std::uint64_t>(std::max(0.0, size * p - reach));
  auto high = static_cast<std::uint64_t>(std::min(size, size * p + reach));
  if (low > 0 && binomial_cdf(low - 1, n, p) >= q) low = 0;
  if (binomial_cdf(high, n, p) < q) high = n;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (binomial_cdf(middle, n, p) >= q) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

std::uint64_t nearest_rank(Fraction p, std::uint64_t n) {
  assert_fraction(p);
  assert(n >= 1);
  const uint128 rank = (uint128{p.numerator} * n + p.denominator - 1) / p.denominator;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
}

double value_at_rank(std::span<const WeightedPoint> points, std::uint64_t rank) {
  assert(rank >= 1 && rank <= total_count(points));
  std::uint64_t reached = 0;
  for (const WeightedPoint& point : points) {
    reached += point.count;
    if (reached >= rank) return point.value;
  }
  return points.back().value;
}

Result<double> nearest_rank_quantile(std::span<const WeightedPoint> points, Fraction p) {
  const std::uint64_t n = total_count(points);
  if (n == 0) return empty_sample();
  return value_at_rank(points, nearest_rank(p, n));
}

Result<double> linear_quantile(std::span<const WeightedPoint> points, double p) {
  assert(!std::isnan(p));
  const std::uint64_t n = total_count(points);
  if (n == 0) return empty_sample();
  const double position = std::clamp(p, 0.0, 1.0) * static_cast<double>(n - 1);
  const double below = std::floor(position);
  const auto rank = std::min<std::uint64_t>(static_cast<std::uint64_t>(below) + 1, n);
  const double left = value_at_rank(points, rank);
  const double right = value_at_rank(points, std::min(rank + 1, n));
  return std::lerp(left, right, position - below);
}

RankInterval quantile_rank_interval(Fraction p, std::uint64_t n, double confidence) {
  assert_fraction(p);
  assert(n >= 1 && p.numerator > 0 && p.numerator < p.denominator);
  assert(confidence > 0.0 && confidence < 1.0);
  const double tail = (1.0 - confidence) / 2.0;
  return {binomial_quantile(tail, n, p.value()), binomial_quantile(1.0 - tail, n, p.value()) + 1};
}

}  // namespace driftguard::stats

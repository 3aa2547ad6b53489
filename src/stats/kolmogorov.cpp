// SPDX-License-Identifier: Apache-2.0
#include "stats/kolmogorov.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

#include "stats/durbin_matrix.h"
#include "stats/stirling.h"

namespace driftguard::stats {
namespace {

constexpr double kPi2 = std::numbers::pi * std::numbers::pi;
constexpr double kLogMin = -708.396418532264106224;  // Logarithm of the least normal double.

double clamp_p(double p) { return std::clamp(p, 0.0, 1.0); }

// exp of Stirling's leftovers and of the two deviances: the term with index j, times n.
long double smirnov_term(long double n, long double nd, long double j) {
  const long double rest = n - j;
  const long double exponent = stirling_error(n) - stirling_error(j) - stirling_error(rest) +
                               j * log1pl(nd / j) + rest * log1pl(-nd / rest);
  return nd / (nd + j) * sqrtl(n / (2 * std::numbers::pi_v<long double> * j * rest)) *
         expl(exponent);
}

// Distance between the terms to sum so that aliasing stays below 1e-14. With c = n d^2 / 2 the
// summand is about exp(-c / (u (1 - u))) in u = j / n: N samples alias as exp(-sqrt(4 pi N c)) at
// the ends and, by its width 1 / sqrt(32 c), far less in the middle as long as N^2 > 52 c.
std::uint64_t smirnov_stride(std::uint64_t n, double d) {
  const double c = static_cast<double>(n) * d * d / 2.0;
  const double samples = std::max(1024.0, 250.0 / c);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(n) / samples));
}

double smirnov_sum(std::uint64_t n, double d) {
  const auto count = static_cast<long double>(n);
  const long double nd = count * static_cast<long double>(d);
  const std::uint64_t stride = smirnov_stride(n, d);
  long double sum = 0.0L;
  for (std::uint64_t j = stride; static_cast<long double>(j) + nd < count; j += stride) {
    sum += smirnov_term(count, nd, static_cast<long double>(j));
  }
  sum += expl(count * log1pl(-static_cast<long double>(d))) / static_cast<long double>(stride);
  return clamp_p(static_cast<double>(sum * static_cast<long double>(stride)));
}

double smirnov_limit(double n, double d) {
  const double root = 6.0 * n * d + 1.0;
  return std::exp(-root * root / 18.0 / n);
}

// n d <= 1: P(D_n < d) = n! (2 d - 1/n)^n.
double ruben_gambino_cdf(std::uint64_t n, double nd) {
  if (nd <= 0.5) return 0.0;
  const auto count = static_cast<long double>(n);
  return clamp_p(static_cast<double>(
      expl(log_factorial_over_power(n) + count * logl(2.0L * static_cast<long double>(nd) - 1))));
}

// The four terms of Pelz and Good's expansion in 1 / sqrt(n), each a theta series in z.
class PelzGood final {
 public:
  explicit PelzGood(double z) : z2_(z * z), z_(z) {
    const int terms = static_cast<int>(std::ceil(16.0 * z / std::numbers::pi));
    for (int k = terms; k >= 1; --k) {
      add_odd(2.0 * k - 1.0);
      add_all(k);
    }
  }

  double cdf(double n) const {
    const double root = std::sqrt(2.0 * std::numbers::pi);
    const double z3 = z2_ * z_;
    const double z4 = z2_ * z2_;
    const double z7 = z4 * z3;
    const std::array<double, 4> terms = {
        root / z_ * odd_[0], root / (6.0 * z4) * odd_[1],
        root / (72.0 * z7) * odd_[2] - kPi2 * root / (36.0 * z3) * all_[0],
        root / (6480.0 * z7 * z3) * odd_[3] + kPi2 * root / (216.0 * z3 * z3) * all_[1]};
    return clamp_p(terms[0] + terms[1] / std::sqrt(n) + terms[2] / n +
                   terms[3] / (n * std::sqrt(n)));
  }

 private:
  void add_odd(double m) {
    const double weight = std::exp(-m * m * kPi2 / 8.0 / z2_);
    const double w = m * m * kPi2 / 4.0;  // Powers of it stand in the polynomials below.
    const double z2 = z2_, z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4;
    odd_[0] += weight;
    odd_[1] += weight * (w - z2);
    odd_[2] += weight * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * w + (1 - 2 * z2) * w * w);
    odd_[3] += weight * (-30 * z6 - 90 * z8 + (135 * z4 - 96 * z6) * w +
                         (212 * z4 - 60 * z2) * w * w + (5 - 30 * z2) * w * w * w);
  }

  void add_all(double k) {
    const double weight = k * k * std::exp(-k * k * kPi2 / 2.0 / z2_);
    all_[0] += weight;
    all_[1] += weight * (3 * z2_ - kPi2 * k * k);
  }

  double z2_;
  double z_;
  std::array<double, 4> odd_{};
  std::array<double, 2> all_{};
};

double pelz_good_cdf(std::uint64_t n, double d) {
  const double z = std::sqrt(static_cast<double>(n)) * d;
  if (-kPi2 / 8.0 / (z * z) < -708.0) return 0.0;  // SciPy's cut, z < 0.0418.
  return PelzGood(z).cdf(static_cast<double>(n));
}

bool wants_matrix(std::uint64_t n, double d) {
  return n <= 100'000 && static_cast<double>(n) * std::pow(d, 1.5) <= 1.4;
}

// P(D_n < d) for n > 140 and 1 < n d, d < 0.5.
double large_cdf(std::uint64_t n, double d) {
  return wants_matrix(n, d) ? durbin_matrix_cdf(n, d) : pelz_good_cdf(n, d);
}

// The same to an absolute 1e-11: where the cdf is below 1e-8, Pelz and Good's relative error
// (below 1e-3) cannot be seen in the sf, and the matrix would be large and slow.
double large_sf(std::uint64_t n, double d) {
  const double approximate = pelz_good_cdf(n, d);
  if (!wants_matrix(n, d) || approximate < 1e-8) return 1.0 - approximate;
  return 1.0 - durbin_matrix_cdf(n, d);
}

struct Tails {
  double cdf;
  double sf;
};

Tails from_cdf(double cdf) { return {cdf, 1.0 - cdf}; }
Tails from_sf(double sf) { return {1.0 - clamp_p(sf), clamp_p(sf)}; }

// The branches both tails share; `wide` takes over for n > 140 away from the ends.
template <typename Wide>
Tails kstwo(double d, std::uint64_t n, Wide wide) {
  assert(n >= 1);
  assert(!std::isnan(d));
  if (d >= 1.0) return {1.0, 0.0};
  if (d <= 0.0) return {0.0, 1.0};
  const auto count = static_cast<double>(n);
  const double nd = count * d;
  if (nd <= 1.0) return from_cdf(ruben_gambino_cdf(n, nd));
  if (nd >= count - 1.0) return from_sf(2.0 * std::pow(1.0 - d, count));
  if (d >= 0.5) return from_sf(2.0 * smirnov_sf(n, d));
  if (n > 140) return wide(nd * d);
  if (nd * d <= 4.0) return from_cdf(durbin_matrix_cdf(n, d));
  return from_sf(2.0 * smirnov_sf(n, d));
}

}  // namespace

double kolmogorov_sf(double x) {
  assert(!std::isnan(x));
  if (x <= 0.0) return 1.0;
  double sum = 0.0;
  if (x < 1.18) {
    for (int m = 7; m >= 1; m -= 2) sum += std::exp(-m * m * kPi2 / (8.0 * x * x));
    return clamp_p(1.0 - std::sqrt(2.0 * std::numbers::pi) / x * sum);
  }
  for (int k = 4; k >= 1; --k) sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * x * x);
  return clamp_p(sum);
}

double kolmogorov_isf(double p) {
  assert(!std::isnan(p));
  if (p >= 1.0) return 0.0;
  if (p <= 0.0) return std::numeric_limits<double>::infinity();
  double low = 0.0;
  double high = 20.0;  // kolmogorov_sf(20) underflows to 0.
  while (true) {
    const double middle = low + (high - low) / 2.0;
    if (middle <= low || middle >= high) return middle;
    (kolmogorov_sf(middle) > p ? low : high) = middle;
  }
}

double ks_stephens_p(double d, std::uint64_t m, std::uint64_t n) {
  assert(m >= 1 && n >= 1);
  const auto left = static_cast<double>(m);
  const auto right = static_cast<double>(n);
  const double s = std::sqrt(left * right / (left + right));
  return kolmogorov_sf((s + 0.12 + 0.11 / s) * d);
}

double ks_hodges_p(double d, std::uint64_t m, std::uint64_t n) {
  assert(m >= 1 && n >= 1);
  const auto large = static_cast<double>(std::max(m, n));
  const auto small = static_cast<double>(std::min(m, n));
  const double z = std::sqrt(large * small / (large + small)) * d;
  const double correction =
      (large + 2.0 * small) / std::sqrt(large * small * (large + small)) / 3.0;
  return clamp_p(std::exp(-2.0 * z * z - 2.0 * z * correction));
}

double smirnov_sf(std::uint64_t n, double d) {
  assert(n >= 1);
  assert(!std::isnan(d));
  if (d <= 0.0) return 1.0;
  if (d >= 1.0) return 0.0;
  const auto count = static_cast<double>(n);
  if (count * d <= 1.0) return 1.0 - d * std::exp((count - 1.0) * std::log1p(d));
  if (-2.0 * count * d * d < kLogMin) return 0.0;
  if (count * d >= count - 1.0) return std::pow(1.0 - d, count);
  return n > 1'000'000 ? smirnov_limit(count, d) : smirnov_sum(n, d);
}

double kstwo_sf(double d, std::uint64_t n) {
  return kstwo(d, n,
               [&](double ndd) {
                 if (ndd >= 370.0) return from_sf(0.0);
                 return from_sf(ndd >= 2.2 ? 2.0 * smirnov_sf(n, d) : large_sf(n, d));
               })
      .sf;
}

double kstwo_cdf(double d, std::uint64_t n) {
  return kstwo(d, n, [&](double ndd) { return from_cdf(ndd >= 18.0 ? 1.0 : large_cdf(n, d)); }).cdf;
}

}  // namespace driftguard::stats

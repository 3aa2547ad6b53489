// SPDX-License-Identifier: Apache-2.0
#include "stats/ks_exact.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace driftguard::stats {
namespace {

// Mass starts at 2^900 so that paths of probability down to 1e-570 keep a normal double; what is
// lighter at the rim of the band is dropped, and cannot add up to the least result (2.2e-308).
constexpr int kScale = 900;
constexpr double kNegligible = 1e-300;
constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

std::int64_t floor_divide(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t quotient = numerator / denominator;
  return quotient - (numerator % denominator < 0 ? 1 : 0);
}

// The random path after k pooled observations: mass_[i] = 2^kScale P(i of them from the smaller
// sample, boundary not touched so far), non-zero at most for i in first_ .. last_.
class AbsorbingWalk final {
 public:
  AbsorbingWalk(std::uint64_t m, std::uint64_t n)
      : small_(static_cast<std::int64_t>(std::min(m, n))),
        large_(static_cast<std::int64_t>(std::max(m, n))),
        mass_(static_cast<std::size_t>(small_) + 2, 0.0) {
    assert(large_ <= std::numeric_limits<std::int32_t>::max());  // absorb() multiplies sizes.
    mass_[1] = std::ldexp(1.0, kScale);
  }

  bool is_over() const { return first_ > last_ || taken_ == small_ + large_; }

  // One more observation: from the smaller sample with probability (small - i) / left.
  void step() {
    assert(!is_over());
    const std::int64_t left = small_ + large_ - taken_;
    const double scale = 1.0 / static_cast<double>(left);
    const std::int64_t large_left = large_ - taken_;  // Plus i: what the larger sample still has.
    last_ = std::min(last_ + 1, small_);
    double* const mass = mass_.data() + 1;
    for (std::int64_t i = last_; i >= first_; --i) {
      mass[i] = scale * (mass[i] * static_cast<double>(large_left + i) +
                         mass[i - 1] * static_cast<double>(small_ - i + 1));
    }
    ++taken_;
    while (first_ <= last_ && mass[first_] < kNegligible) mass[first_++] = 0.0;
    while (first_ <= last_ && mass[last_] < kNegligible) mass[last_--] = 0.0;
  }

  // Takes the mass with i (small + large) - k small >= above or <= -below out of the walk.
  void absorb(std::int64_t below, std::int64_t above) {
    const std::int64_t total = small_ + large_;
    const std::int64_t centre = taken_ * small_;
    double* const mass = mass_.data() + 1;
    if (below != kNoBound) {
      const std::int64_t keep = floor_divide(centre - below, total) + 1;
      for (; first_ <= last_ && first_ < keep; ++first_) take(mass[first_]);
    }
    if (above != kNoBound) {
      const std::int64_t keep = -floor_divide(-(centre + above), total) - 1;
      for (; first_ <= last_ && last_ > keep; --last_) take(mass[last_]);
    }
  }

  double absorbed() const {
    const double p = std::ldexp(std::min(absorbed_, std::ldexp(1.0, kScale)), -kScale);
    return p < std::numeric_limits<double>::min() ? 0.0 : p;
  }

 private:
  void take(double& mass) {
    absorbed_ += mass;
    mass = 0.0;
  }

  const std::int64_t small_;
  const std::int64_t large_;
  std::vector<double> mass_;  // Shifted by one, so that mass[-1] is a zero.
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  std::int64_t taken_ = 0;
  double absorbed_ = 0.0;
};

void assert_domain([[maybe_unused]] uint128 t, [[maybe_unused]] std::uint64_t m,
                   [[maybe_unused]] std::uint64_t n) {
  assert(m >= 1 && n >= 1);
  assert(t <= uint128{m} * n);
}

double clamp_p(double p) { return p < std::numeric_limits<double>::min() ? 0.0 : std::min(p, 1.0); }

// C(2n, n - k h) / C(2n, n - (k-1) h): the share of the k-th reflection in the one before.
double reflection_ratio(double n, double h, double k) {
  double ratio = 1.0;
  const double reached = (k - 1) * h;
  for (double j = 0; j < h; ++j) ratio *= (n - reached - j) / (n + reached + j + 1);
  return ratio;
}

// Equal sizes, h = T / n rounded up: 2 sum_k (-1)^(k+1) C(2n, n - k h) / C(2n, n), nested so that
// each bracket is in [0, 1] and no term overflows.
double equal_sizes_p(std::uint64_t n, std::uint64_t h) {
  double nested = 0.0;
  for (std::uint64_t k = n / h; k >= 1; --k) {
    nested =
        reflection_ratio(static_cast<double>(n), static_cast<double>(h), static_cast<double>(k)) *
        (1.0 - nested);
  }
  return clamp_p(2.0 * nested);
}

// 1 / C(m + n, m): the probability that all of one sample lies below all of the other.
double one_order_p(std::uint64_t m, std::uint64_t n) {
  const double large = static_cast<double>(std::max(m, n));
  double p = 1.0;
  for (std::uint64_t i = 1; i <= std::min(m, n) && p > 0.0; ++i) {
    p *= static_cast<double>(i) / (large + static_cast<double>(i));
  }
  return p;
}

double walk_p(std::uint64_t m, std::uint64_t n, std::int64_t below, std::int64_t above) {
  AbsorbingWalk walk(m, n);
  while (!walk.is_over()) {
    walk.step();
    walk.absorb(below, above);
  }
  return walk.absorbed();
}

}  // namespace

double ks_exact_p(uint128 t, std::uint64_t m, std::uint64_t n) {
  assert_domain(t, m, n);
  if (t == 0) return 1.0;
  if (t == uint128{m} * n) return clamp_p(2.0 * one_order_p(m, n));
  if (m == n) return equal_sizes_p(n, static_cast<std::uint64_t>((t + n - 1) / n));
  const auto bound = static_cast<std::int64_t>(t);
  return walk_p(m, n, bound, bound);
}

double ks_exact_p_one_sided(uint128 t, std::uint64_t m, std::uint64_t n) {
  assert_domain(t, m, n);
  if (t == 0) return 1.0;
  if (t == uint128{m} * n) return clamp_p(one_order_p(m, n));
  if (m == n) {
    const uint128 steps = (t + n - 1) / n;  // Rounded up.
    return clamp_p(reflection_ratio(static_cast<double>(n), static_cast<double>(steps), 1.0));
  }
  return walk_p(m, n, kNoBound, static_cast<std::int64_t>(t));
}

double ks_exact_p_ties(uint128 t, std::uint64_t m, std::uint64_t n,
                       std::span<const std::uint64_t> blocks) {
  assert_domain(t, m, n);
  if (t == 0) return 1.0;
  if (std::all_of(blocks.begin(), blocks.end(), [](std::uint64_t size) { return size <= 1; })) {
    return ks_exact_p(t, m, n);
  }
  const auto bound = static_cast<std::int64_t>(t);
  AbsorbingWalk walk(m, n);
  [[maybe_unused]] std::uint64_t pooled = 0;
  for (std::uint64_t size : blocks) {
    for (std::uint64_t i = 0; i < size && !walk.is_over(); ++i) walk.step();
    walk.absorb(bound, bound);
    pooled += size;
  }
  assert(pooled == m + n);
  return walk.absorbed();
}

double ks_exact_operations(uint128 t, std::uint64_t m, std::uint64_t n) {
  const double all = static_cast<double>(m) * static_cast<double>(n);
  const double pooled = static_cast<double>(m) + static_cast<double>(n);
  if (m == n || t == uint128{m} * n) return pooled;
  return std::min(2.0 * static_cast<double>(t), all) + pooled;
}

double ks_exact_ties_operations(uint128 t, std::uint64_t m, std::uint64_t n,
                                std::span<const std::uint64_t> blocks) {
  const double pooled = static_cast<double>(m) + static_cast<double>(n);
  const double widest = static_cast<double>(std::min(m, n)) + 1.0;
  const double band = std::min(widest, 2.0 * static_cast<double>(t) / pooled + 1.0);
  double operations = 0.0;
  for (std::uint64_t block : blocks) {
    const auto size = static_cast<double>(block);
    operations += size * std::min(widest, band + size / 2.0);
  }
  return operations;
}

}  // namespace driftguard::stats

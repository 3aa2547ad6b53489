// SPDX-License-Identifier: Apache-2.0
#include "stats/durbin_matrix.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "stats/stirling.h"

namespace driftguard::stats {
namespace {

constexpr int kRescale = 128;  // Powers of two taken out when an entry exceeds 2^kRescale.

// A square matrix that is symmetric about its anti-diagonal, as H and so all its powers are; and
// the power of two taken out of it.
class PersymmetricMatrix final {
 public:
  explicit PersymmetricMatrix(std::size_t order) : order_(order), cells_(order * order, 0.0) {}

  double* row(std::size_t i) { return cells_.data() + i * order_; }
  const double* row(std::size_t i) const { return cells_.data() + i * order_; }
  std::size_t order() const { return order_; }
  int exponent() const { return exponent_; }

  // Only the triangle above the anti-diagonal is multiplied out, the rest mirrored.
  PersymmetricMatrix squared() const {
    PersymmetricMatrix result(order_);
    for (std::size_t i = 0; i < order_; ++i) {
      const std::size_t width = order_ - i;
      double* const target = result.row(i);
      for (std::size_t k = 0; k < order_; ++k) {
        const double factor = row(i)[k];
        const double* const source = row(k);
        for (std::size_t j = 0; j < width; ++j) target[j] += factor * source[j];
      }
      for (std::size_t j = 0; j + 1 < width; ++j) {
        result.row(order_ - 1 - j)[order_ - 1 - i] = target[j];
      }
    }
    result.exponent_ = 2 * exponent_;
    result.rescale();
    return result;
  }

 private:
  void rescale() {
    if (row(order_ / 2)[order_ / 2] <= std::ldexp(1.0, kRescale)) return;
    for (double& cell : cells_) cell = std::ldexp(cell, -kRescale);
    exponent_ += kRescale;
  }

  std::size_t order_;
  std::vector<double> cells_;
  int exponent_ = 0;
};

// Durbin's H with h = k - n d: ones down the first superdiagonal, 1/j! below it, and the first
// column and last row thinned by the powers of h.
PersymmetricMatrix durbin_matrix(std::size_t k, double h) {
  const std::size_t order = 2 * k - 1;
  PersymmetricMatrix matrix(order);
  std::vector<double> inverse_factorial(order + 1, 1.0);
  for (std::size_t j = 1; j <= order; ++j) {
    inverse_factorial[j] = inverse_factorial[j - 1] / static_cast<double>(j);
  }
  for (std::size_t i = 0; i < order; ++i) {
    for (std::size_t j = 1; j <= std::min(i + 1, order - 1); ++j) {
      matrix.row(i)[j] = inverse_factorial[i + 1 - j];
    }
  }
  for (std::size_t j = 1; j < order; ++j) {
    const double thinned = (1.0 - std::pow(h, j)) * inverse_factorial[j];
    matrix.row(j - 1)[0] = thinned;
    matrix.row(order - 1)[order - j] = thinned;
  }
  const auto power = static_cast<double>(order);
  const double corner = 1.0 - 2.0 * std::pow(h, power) + std::pow(std::max(2 * h - 1, 0.0), power);
  matrix.row(order - 1)[0] = corner * inverse_factorial[order];
  return matrix;
}

// A row vector and the power of two taken out of it.
class ScaledRow final {
 public:
  ScaledRow(std::size_t order, std::size_t unit) : cells_(order, 0.0) { cells_[unit] = 1.0; }

  void multiply(const PersymmetricMatrix& matrix) {
    std::vector<double> product(cells_.size(), 0.0);
    for (std::size_t k = 0; k < cells_.size(); ++k) {
      const double* const source = matrix.row(k);
      for (std::size_t j = 0; j < cells_.size(); ++j) product[j] += cells_[k] * source[j];
    }
    cells_ = std::move(product);
    exponent_ += matrix.exponent();
    const int excess = std::ilogb(*std::max_element(cells_.begin(), cells_.end()));
    for (double& cell : cells_) cell = std::ldexp(cell, -excess);
    exponent_ += excess;
  }

  long double log(std::size_t i) const { return logl(cells_[i]) + exponent_ * logl(2.0L); }

 private:
  std::vector<double> cells_;
  int exponent_ = 0;
};

}  // namespace

double durbin_matrix_cdf(std::uint64_t n, double d) {
  const double nd = static_cast<double>(n) * d;
  assert(n >= 1 && nd > 0.5 && d < 1.0);
  const auto k = static_cast<std::size_t>(std::ceil(nd));
  PersymmetricMatrix power = durbin_matrix(k, static_cast<double>(k) - nd);
  ScaledRow row(power.order(), k - 1);
  for (std::uint64_t left = n; left > 0; left /= 2) {
    if (left % 2 == 1) row.multiply(power);
    if (left > 1) power = power.squared();
  }
  const long double log_cdf = row.log(k - 1) + log_factorial_over_power(n);
  return std::clamp(static_cast<double>(expl(log_cdf)), 0.0, 1.0);
}

}  // namespace driftguard::stats

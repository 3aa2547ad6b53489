// SPDX-License-Identifier: Apache-2.0
#include "stats/stirling.h"

#include <array>
#include <cassert>
#include <cmath>
#include <numbers>

namespace driftguard::stats {
namespace {

constexpr long double kTwoPi = 2 * std::numbers::pi_v<long double>;

using Table = std::array<long double, 16>;

Table small_errors() {
  Table errors{};
  long double factorial = 1;
  for (std::size_t i = 1; i < errors.size(); ++i) {
    const auto k = static_cast<long double>(i);
    factorial *= k;
    errors[i] = logl(factorial) - (k * logl(k) - k + logl(kTwoPi * k) / 2);
  }
  return errors;
}

}  // namespace

long double stirling_error(long double k) {
  static const Table kSmall = small_errors();
  assert(k >= 1 && k == floorl(k));
  if (k < 16) return kSmall[static_cast<std::size_t>(k)];
  const long double r = 1 / (k * k);
  return (1 / 12.0L -
          r * (1 / 360.0L -
               r * (1 / 1260.0L -
                    r * (1 / 1680.0L - r * (1 / 1188.0L - r * (691 / 360360.0L - r / 156)))))) /
         k;
}

long double log_factorial_over_power(std::uint64_t n) {
  assert(n >= 1);
  const auto k = static_cast<long double>(n);
  return stirling_error(k) - k + logl(kTwoPi * k) / 2;
}

}  // namespace driftguard::stats

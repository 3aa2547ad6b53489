// SPDX-License-Identifier: Apache-2.0
#include "stats/proportion.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cassert>
#include <cmath>
#include <numbers>

namespace driftguard::stats {

Interval wilson_interval(Proportion observed, double z) {
  assert(observed.successes <= observed.trials);
  assert(z > 0.0);
  if (observed.trials == 0) return {0.0, 1.0};
  const auto n = static_cast<double>(observed.trials);
  const double share = static_cast<double>(observed.successes) / n;
  const double z2 = z * z;
  const double centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
  const double half =
      z / (1.0 + z2 / n) * std::sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n));
  return {observed.successes == 0 ? 0.0 : std::clamp(centre - half, 0.0, share),
          observed.successes == observed.trials ? 1.0 : std::clamp(centre + half, share, 1.0)};
}

Interval clopper_pearson_interval(double successes, double trials, double tail) {
  assert(successes >= 0.0 && successes <= trials);
  assert(tail > 0.0 && tail < 0.5);
  if (trials <= 0.0) return {0.0, 1.0};
  const double failures = trials - successes;
  const double low =
      successes <= 0.0 ? 0.0 : boost::math::ibeta_inv(successes, failures + 1.0, tail);
  const double high =
      failures <= 0.0 ? 1.0 : boost::math::ibetac_inv(successes + 1.0, failures, tail);
  return {low, high};
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double p) {
  assert(p > 0.0 && p < 1.0);
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * p);
}

}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
#include "stats/proportion.h"

#include <algorithm>
#include <cassert>
#include <cmath>

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

}  // namespace driftguard::stats

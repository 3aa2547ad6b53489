// SPDX-License-Identifier: Apache-2.0
#include "stats/total_variation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "stats/count_table.h"

namespace driftguard::stats {

Result<ShareDistance> total_variation(std::span<const std::uint64_t> live,
                                      std::span<const std::uint64_t> baseline) {
  const auto table = read_table(live, baseline);
  if (!table) return table.error();
  const auto n = static_cast<double>(table->n);
  const auto m = static_cast<double>(table->m);
  double sum = 0;
  double chance = 0;
  for (std::size_t k = 0; k < table->size(); ++k) {
    sum += std::fabs(table->live_share(k) - table->baseline_share(k));
    const double pooled = (table->live[k] + table->baseline[k]) / (n + m);
    chance += std::sqrt(2 * pooled * (1 - pooled) * (1 / n + 1 / m) / std::numbers::pi);
  }
  return ShareDistance{std::min(sum / 2, 1.0), std::min(chance / 2, 1.0)};
}

}  // namespace driftguard::stats

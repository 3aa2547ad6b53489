// SPDX-License-Identifier: Apache-2.0
#include "stats/hellinger.h"

#include <algorithm>
#include <cmath>

#include "stats/count_table.h"
#include "stats/psi.h"

namespace driftguard::stats {

Result<ShareDistance> hellinger(std::span<const std::uint64_t> live,
                                std::span<const std::uint64_t> baseline) {
  const auto table = read_table(live, baseline);
  if (!table) return table.error();
  double sum = 0;
  for (std::size_t k = 0; k < table->size(); ++k) {
    const double off = std::sqrt(table->live_share(k)) - std::sqrt(table->baseline_share(k));
    sum += off * off;
  }
  const double chance = psi_expected(table->size(), table->n, table->m) / 8;
  return ShareDistance{std::sqrt(std::min(sum / 2, 1.0)), std::min(1.0, std::sqrt(chance))};
}

}  // namespace driftguard::stats

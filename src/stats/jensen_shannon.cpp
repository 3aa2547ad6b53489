// SPDX-License-Identifier: Apache-2.0
#include "stats/jensen_shannon.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "stats/count_table.h"
#include "stats/psi.h"

namespace driftguard::stats {
namespace {

// a log2(a / h) + e log2(e / h) with h = (a + e) / 2 and r = (a - e) / (a + e), written so that
// nearly equal shares lose no digits: h (2 r atanh(r) + log(1 - r^2)) / ln 2.
double divergence(double a, double e) {
  if (a == 0 || e == 0) return a + e;
  const double r = (a - e) / (a + e);
  return (a + e) / 2 * (2 * r * std::atanh(r) + std::log1p(-r * r)) / std::numbers::ln2;
}

}  // namespace

Result<ShareDistance> jensen_shannon(std::span<const std::uint64_t> live,
                                     std::span<const std::uint64_t> baseline) {
  const auto table = read_table(live, baseline);
  if (!table) return table.error();
  double sum = 0;
  for (std::size_t k = 0; k < table->size(); ++k) {
    sum += divergence(table->live_share(k), table->baseline_share(k));
  }
  const double chance = psi_expected(table->size(), table->n, table->m) / (8 * std::numbers::ln2);
  return ShareDistance{std::sqrt(std::clamp(sum / 2, 0.0, 1.0)), std::min(1.0, std::sqrt(chance))};
}

}  // namespace driftguard::stats

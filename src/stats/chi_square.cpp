// SPDX-License-Identifier: Apache-2.0
#include "stats/chi_square.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "stats/count_table.h"
#include "stats/psi.h"

namespace driftguard::stats {
namespace {

constexpr double kExpectedMin = 5;

}  // namespace

Result<ChiSquareTest> chi_square_test(std::span<const std::uint64_t> live,
                                      std::span<const std::uint64_t> baseline) {
  const auto table = read_table(live, baseline);
  if (!table) return table.error();
  ChiSquareTest test;
  test.n = table->n;
  test.m = table->m;
  test.degrees = table->size() - 1;
  test.cells = 2 * table->size();
  const double all = static_cast<double>(test.n) + static_cast<double>(test.m);
  for (std::size_t k = 0; k < table->size(); ++k) {
    const double pooled = (table->live[k] + table->baseline[k]) / all;
    const double live_expected = pooled * static_cast<double>(test.n);
    const double baseline_expected = pooled * static_cast<double>(test.m);
    const double off = table->live[k] - live_expected;  // Of the baseline: -off.
    test.statistic += off * off / live_expected + off * off / baseline_expected;
    test.sparse += (live_expected < kExpectedMin) + (baseline_expected < kExpectedMin);
  }
  test.p_value = chi_square_sf(test.statistic, test.degrees);
  return test;
}

double cramers_v(double statistic, std::uint64_t n, std::uint64_t m) {
  assert(n + m >= 1);
  return std::min(1.0, std::sqrt(statistic / (static_cast<double>(n) + static_cast<double>(m))));
}

}  // namespace driftguard::stats

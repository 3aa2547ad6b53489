// SPDX-License-Identifier: Apache-2.0
// Whatever the distribution: the D that a check tells from summaries holds the D of the raw values
// between its two ends, and the cells are as fine as STATISTICS promises.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "report/check.h"
#include "stats/ks.h"

namespace driftguard::report {
namespace {

using Draw = std::function<double(std::mt19937_64&)>;

struct Family {
  std::string name;
  Draw draw;
  double moved;      // Live values are baseline ones plus that.
  double error_max;  // Of D, for a hundred thousand values a side.
};

double standard_normal(std::mt19937_64& random) {
  return std::normal_distribution<double>()(random);
}
double uniform(std::mt19937_64& random) { return std::uniform_real_distribution<double>()(random); }

std::vector<Family> families() {
  return {
      {"normal_far_from_zero", [](auto& r) { return 1000 + standard_normal(r); }, 0.05, 0.005},
      {"normal_around_zero", standard_normal, 0.05, 0.005},
      {"lognormal", [](auto& r) { return std::exp(standard_normal(r)); }, 0.05, 0.005},
      {"pareto", [](auto& r) { return std::pow(1 - uniform(r), -1 / 1.1); }, 0.05, 0.005},
      {"two_modes", [](auto& r) { return (uniform(r) < 0.5 ? -5 : 1000) + standard_normal(r); },
       0.05, 0.005},
      {"milliseconds", [](auto& r) { return std::round(300 + 80 * standard_normal(r)); }, 2, 0},
      {"cents", [](auto& r) { return std::round(100 * std::exp(standard_normal(r))) / 100; }, 0.02,
       0.005},
      {"constant", [](auto&) { return 42.0; }, 0, 0},
      {"tiny_and_huge", [](auto& r) { return std::pow(10.0, 600 * uniform(r) - 300); }, 0, 0.005},
      // Half of it within a hair, the rest over many decades: cells there are coarse, and it says
      // so.
      {"half_tight_half_wide",
       [](auto& r) {
         return uniform(r) < 0.5 ? 1 + 1e-9 * uniform(r) : std::pow(10.0, 300 * uniform(r));
       },
       1e-10, 0.6},
  };
}

rollup::FeatureRollup summary_of(const std::vector<double>& values, std::mt19937_64& random) {
  rollup::FeatureRollup feature;
  sketch::NumericSum sum;
  for (std::size_t begin = 0; begin < values.size();) {
    const std::size_t end = std::min(values.size(), begin + 1 + random() % 20'000);
    std::vector<double> part(values.begin() + static_cast<std::ptrdiff_t>(begin),
                             values.begin() + static_cast<std::ptrdiff_t>(end));
    sum.add(sketch::NumericSummary::of(part));
    begin = end;
  }
  feature.numbers = sum.take();
  return feature;
}

class CheckBracket : public ::testing::TestWithParam<Family> {};

TEST_P(CheckBracket, HoldsTheRawDistanceAndIsNarrow) {
  const std::uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  for (const std::size_t n : {7u, 500u, 40'000u, 100'000u}) {
    std::vector<double> live;
    std::vector<double> baseline;
    for (std::size_t i = 0; i < n; ++i) live.push_back(GetParam().draw(random) + GetParam().moved);
    for (std::size_t i = 0; i < n; ++i) baseline.push_back(GetParam().draw(random));
    const double raw = stats::ks_statistic(live, baseline)->d;
    const rollup::FeatureRollup live_summary = summary_of(live, random);
    const rollup::FeatureRollup baseline_summary = summary_of(baseline, random);
    const KsCheck check = check_ks({&live_summary, n}, {&baseline_summary, n}, true, {});
    constexpr double kRounding = 1e-15;
    EXPECT_LE(*check.d, raw + kRounding) << "seed " << seed << ", n " << n;
    EXPECT_GE(*check.d + check.d_error, raw - kRounding) << "seed " << seed << ", n " << n;
    EXPECT_LE(check.d_error, GetParam().error_max) << "seed " << seed << ", n " << n;
    if (n <= 7) EXPECT_EQ(check.d_error, 0.0) << "few values are kept one by one";
  }
}

INSTANTIATE_TEST_SUITE_P(Families, CheckBracket, ::testing::ValuesIn(families()),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace driftguard::report

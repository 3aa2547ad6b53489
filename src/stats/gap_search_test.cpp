// SPDX-License-Identifier: Apache-2.0
#include "stats/gap_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

#include "stats/weighted.h"

namespace driftguard::stats {
namespace {

constexpr unsigned kSeed = 20261124;

using Random = std::mt19937_64;

// Where a sample's values come from; `live` tells the sides apart where they shall differ.
struct Source {
  std::string name;
  std::function<double(Random&, bool live)> draw;
};

double uniform(Random& random) { return std::uniform_real_distribution<double>()(random); }
double normal(Random& random) { return std::normal_distribution<double>()(random); }

double any_finite_bits(Random& random) {
  double value = 0.0;
  do {
    value = std::bit_cast<double>(random());
  } while (!std::isfinite(value));
  return value;
}

const Source kSources[] = {
    {"normal", [](Random& random, bool live) { return normal(random) + (live ? 0.1 : 0.0); }},
    {"the same on both sides", [](Random& random, bool) { return normal(random); }},
    {"far from zero", [](Random& random, bool live) { return 1e9 + normal(random) + live; }},
    {"heavy tail", [](Random& random, bool) { return std::pow(uniform(random), -20.0); }},
    {"few values", [](Random& random, bool) { return std::floor(uniform(random) * 5); }},
    {"one value", [](Random&, bool) { return 7.0; }},
    {"two far clusters",
     [](Random& random, bool live) {
       return uniform(random) < (live ? 0.3 : 0.4) ? -1e308 - uniform(random) * 1e307
                                                   : 1e308 + uniform(random) * 1e307;
     }},
    {"one far value beside many near",
     [](Random& random, bool live) {
       return uniform(random) < 0.001 ? 1e300 : 1.0 + 1e-10 * uniform(random) * (live ? 0.9 : 1.0);
     }},
    {"any double", [](Random& random, bool) { return any_finite_bits(random); }},
    {"subnormal",
     [](Random& random, bool live) {
       return std::ldexp(std::floor(uniform(random) * (live ? 900 : 1000)), -1074);
     }},
    {"zeros of both signs",
     [](Random& random, bool) { return uniform(random) < 0.5 ? -0.0 : 0.0; }},
    {"neighbouring doubles",
     [](Random& random, bool live) {
       return std::bit_cast<double>(std::bit_cast<std::uint64_t>(1.0) + random() % 1'000 + live);
     }},
};

class GapSearch : public ::testing::TestWithParam<Source> {
 protected:
  std::vector<double> sample(std::size_t size, bool live) {
    std::vector<double> values(size);
    for (double& value : values) value = GetParam().draw(random_, live);
    return values;
  }

  ::testing::ScopedTrace trace_{__FILE__, __LINE__, kSeed};
  Random random_{kSeed};
};

TEST_P(GapSearch, FindsWhatTheWalkOverSortedSamplesFinds) {
  for (const auto& [n, m] : {std::pair{1, 1}, {1, 400}, {60, 70}, {3'000, 129}, {20'000, 30'000}}) {
    const auto live = sample(static_cast<std::size_t>(n), true);
    const auto baseline = sample(static_cast<std::size_t>(m), false);
    const auto live_points = weigh(live);
    const auto baseline_points = weigh(baseline);
    for (const auto side : {Alternative::kTwoSided, Alternative::kGreater, Alternative::kLess}) {
      const KsStatistic got = largest_gap(live, baseline, side);
      const auto want = ks_statistic(std::span<const WeightedPoint>(*live_points),
                                     std::span<const WeightedPoint>(*baseline_points), side);
      EXPECT_TRUE(got.t == want->t) << n << " and " << m << ": " << got.d << ", not " << want->d;
      EXPECT_EQ(got.d, want->d);
      EXPECT_EQ(got.location, want->location) << n << " and " << m;
      EXPECT_EQ(got.sign, want->sign);
      EXPECT_EQ(got.n, want->n);
      EXPECT_EQ(got.m, want->m);
    }
  }
}

TEST_P(GapSearch, FindsNoGapBetweenASampleAndItself) {
  const auto values = sample(10'000, true);
  const KsStatistic got = largest_gap(values, values, Alternative::kTwoSided);
  EXPECT_TRUE(got.t == 0);
  EXPECT_EQ(got.location, *std::min_element(values.begin(), values.end()));
}

INSTANTIATE_TEST_SUITE_P(All, GapSearch, ::testing::ValuesIn(kSources), [](const auto& sample) {
  std::string name = sample.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

}  // namespace
}  // namespace driftguard::stats

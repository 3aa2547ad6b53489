// SPDX-License-Identifier: Apache-2.0
// The measures beside KS and PSI: published figures, and brackets against brute force. SciPy's word
// on a thousand random cases is in report/measure_oracle_test.cpp, through summaries.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "stats/chi_square.h"
#include "stats/cramer_von_mises.h"
#include "stats/hellinger.h"
#include "stats/jensen_shannon.h"
#include "stats/psi.h"
#include "stats/total_variation.h"
#include "stats/wasserstein.h"

namespace driftguard::stats {
namespace {

using Counts = std::vector<std::uint64_t>;

TEST(ChiSquare, OfATableByHand) {
  const auto test = chi_square_test(Counts{10, 20, 0, 30}, Counts{20, 20, 0, 20});
  ASSERT_TRUE(test);
  EXPECT_NEAR(test->statistic, 16.0 / 3, 1e-12);  // 2 (25/15 + 0 + 25/25).
  EXPECT_EQ(test->degrees, 2u);
  EXPECT_NEAR(test->p_value, std::exp(-8.0 / 3), 1e-12);  // exp(-x / 2) for two degrees.
  EXPECT_NEAR(cramers_v(test->statistic, 60, 60), std::sqrt(16.0 / 360), 1e-12);
  EXPECT_EQ(test->sparse, 0u);
  EXPECT_EQ(chi_square_test(Counts{4, 96}, Counts{4, 96})->sparse, 2u);
}

TEST(ChiSquare, CriticalValuesAreThoseOfTheTables) {
  EXPECT_NEAR(chi_square_isf(0.05, 1), 3.841, 5e-4);
  EXPECT_NEAR(chi_square_isf(0.01, 10), 23.209, 5e-4);
  EXPECT_EQ(chi_square_isf(0.05, 0), 0);
}

TEST(ShareDistances, OfTwoSidesByHand) {
  const Counts live{50, 50, 0};
  const Counts baseline{90, 0, 10};
  // h = 0.7, 0.25, 0.05.
  const double js = (0.5 * std::log2(0.5 / 0.7) + 0.5 + 0.9 * std::log2(0.9 / 0.7) + 0.1) / 2;
  EXPECT_NEAR(jensen_shannon(live, baseline)->value, std::sqrt(js), 1e-12);
  EXPECT_NEAR(hellinger(live, baseline)->value, std::sqrt(1 - std::sqrt(0.45)), 1e-12);
  EXPECT_NEAR(total_variation(live, baseline)->value, 0.5, 1e-12);
}

TEST(ShareDistances, AreZeroForEqualSharesAndOneForDifferentCategories) {
  for (const auto& measure : {jensen_shannon, hellinger, total_variation}) {
    EXPECT_EQ(measure(Counts{1, 2, 3}, Counts{10, 20, 30})->value, 0);
    EXPECT_NEAR(measure(Counts{7, 0}, Counts{0, 3})->value, 1, 1e-15);
    EXPECT_FALSE(measure(Counts{0, 0}, Counts{1, 2}));
    EXPECT_FALSE(measure(Counts{1}, Counts{1, 2}));
  }
}

TEST(ShareDistances, ExpectWhatChanceGives) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::discrete_distribution<std::size_t> draw({40, 25, 15, 10, 5, 5});
  for (const auto& measure : {jensen_shannon, hellinger, total_variation}) {
    double squares = 0;
    double expected = 0;
    constexpr int kRuns = 300;
    for (int i = 0; i < kRuns; ++i) {
      Counts live(6);
      Counts baseline(6);
      for (int k = 0; k < 400; ++k) ++live[draw(random)];
      for (int k = 0; k < 900; ++k) ++baseline[draw(random)];
      const auto found = measure(live, baseline);
      squares += found->value * found->value / kRuns;
      expected += found->expected / kRuns;
    }
    EXPECT_NEAR(std::sqrt(squares), expected, 0.2 * expected);
  }
}

TEST(CramerVonMises, LimitIsThatOfThePublishedTable) {
  // Anderson and Darling 1952, table 1.
  EXPECT_NEAR(cramer_von_mises_limit_sf(0.34730), 0.10, 1e-5);
  EXPECT_NEAR(cramer_von_mises_limit_sf(0.46136), 0.05, 1e-5);
  EXPECT_NEAR(cramer_von_mises_limit_sf(0.74346), 0.01, 1e-5);
  EXPECT_NEAR(cramer_von_mises_limit_sf(1.16786), 0.001, 1e-5);
  EXPECT_EQ(cramer_von_mises_limit_sf(0.001), 1);
  EXPECT_EQ(cramer_von_mises_limit_sf(1e6), 0);
}

TEST(CramerVonMises, CriticalValueIsWhereTheTailIs) {
  for (const double p : {0.2, 0.05, 0.001}) {
    EXPECT_NEAR(cramer_von_mises_p(cramer_von_mises_isf(p, 300, 70), 300, 70), p, 1e-9);
  }
}

// Anderson's U with midranks, as the textbook says it.
double statistic_by_ranks(const std::vector<double>& live, const std::vector<double>& baseline) {
  const auto rank = [&](double value) {
    double below = 0;
    double equal = 0;
    for (const auto* side : {&live, &baseline}) {
      for (const double other : *side) {
        below += other < value;
        equal += other == value;
      }
    }
    return below + (equal + 1) / 2;
  };
  const auto squares = [&](std::vector<double> side) {
    std::sort(side.begin(), side.end());
    double sum = 0;
    for (std::size_t i = 0; i < side.size(); ++i) {
      const double off = rank(side[i]) - static_cast<double>(i + 1);
      sum += off * off;
    }
    return sum * static_cast<double>(side.size());
  };
  const auto n = static_cast<double>(live.size());
  const auto m = static_cast<double>(baseline.size());
  return (squares(live) + squares(baseline)) / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m));
}

// Samples of a few dozen values, often tied, and the cells that hold `width` neighbours each.
struct Drawn {
  std::vector<double> live;
  std::vector<double> baseline;

  std::vector<PooledCell> cells(int width) const {
    std::map<int, PooledCell> found;
    const auto cell = [&](double value) -> PooledCell& {
      const int at = static_cast<int>(std::floor(value / width));
      return found.try_emplace(at, PooledCell{0, 0, width == 1}).first->second;
    };
    for (const double value : live) ++cell(value).live;
    for (const double value : baseline) ++cell(value).baseline;
    std::vector<PooledCell> list;
    for (const auto& [at, counts] : found) list.push_back(counts);
    return list;
  }
  std::vector<IntervalCount> intervals(int width) const {
    std::map<int, IntervalCount> found;
    const auto interval = [&](double value) -> IntervalCount& {
      const int at = static_cast<int>(std::floor(value / width));
      const double low = at * width;
      return found.try_emplace(at, IntervalCount{low, low + width - 1, 0, 0}).first->second;
    };
    for (const double value : live) ++interval(value).live;
    for (const double value : baseline) ++interval(value).baseline;
    std::vector<IntervalCount> list;
    for (const auto& [at, counts] : found) list.push_back(counts);
    return list;
  }
};

class Brackets : public ::testing::Test {
 protected:
  Drawn draw() {
    const int values = 2 + static_cast<int>(random_() % 60);
    Drawn drawn;
    drawn.live.resize(1 + random_() % 40);
    drawn.baseline.resize(1 + random_() % 40);
    const double shift = random_() % 3 == 0 ? static_cast<double>(random_() % 20) : 0;
    for (double& value : drawn.live) value = static_cast<double>(random_() % values) + shift;
    for (double& value : drawn.baseline) value = static_cast<double>(random_() % values);
    return drawn;
  }

  unsigned seed_ = std::random_device{}();
  std::mt19937_64 random_{seed_};
};

TEST_F(Brackets, OfCramerVonMisesHoldTheStatistic) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int i = 0; i < 2000; ++i) {
    const Drawn drawn = draw();
    const double wanted = statistic_by_ranks(drawn.live, drawn.baseline);
    const auto exact = cramer_von_mises(drawn.cells(1));
    ASSERT_NEAR(exact->statistic, wanted, 1e-9);
    ASSERT_EQ(exact->low, exact->high);
    const auto coarse = cramer_von_mises(drawn.cells(2 + static_cast<int>(random_() % 9)));
    ASSERT_LE(coarse->low, wanted + 1e-9);
    ASSERT_GE(coarse->high, wanted - 1e-9);
  }
}

TEST_F(Brackets, OfWassersteinHoldTheDistance) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int i = 0; i < 2000; ++i) {
    const Drawn drawn = draw();
    const auto exact = wasserstein(drawn.intervals(1));
    const auto coarse = wasserstein(drawn.intervals(2 + static_cast<int>(random_() % 9)));
    ASSERT_EQ(exact->error, 0);
    ASSERT_NEAR(exact->distance, exact->increase + exact->decrease, 1e-9);
    ASSERT_NEAR(coarse->distance, exact->distance, coarse->error + 1e-9);
    ASSERT_NEAR(coarse->increase, exact->increase, coarse->error + 1e-9);
    ASSERT_NEAR(coarse->decrease, exact->decrease, coarse->error + 1e-9);
  }
}

TEST_F(Brackets, OfTheSpreadHoldTheStandardDeviation) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int i = 0; i < 1000; ++i) {
    const Drawn drawn = draw();
    const Spread exact = spread_of_baseline(drawn.intervals(1));
    const Spread coarse = spread_of_baseline(drawn.intervals(6));
    ASSERT_NEAR(coarse.deviation, exact.deviation, coarse.error + 1e-9);
  }
}

TEST(Wasserstein, MovesByHand) {
  // 0 2 3 3 against 0 0 1 2: by 0, 2, 2 and 1.
  const std::vector<IntervalCount> intervals = {
      {0, 0, 1, 2}, {1, 1, 0, 1}, {2, 2, 1, 1}, {3, 3, 2, 0}};
  const auto found = wasserstein(intervals);
  EXPECT_NEAR(found->distance, found->increase + found->decrease, 1e-15);
  EXPECT_NEAR(found->increase, 1.25, 1e-12);
  EXPECT_NEAR(spread_of_baseline(intervals).deviation, std::sqrt(0.6875), 1e-12);
  EXPECT_FALSE(wasserstein(std::vector<IntervalCount>{{0, 0, 1, 0}}));
}

TEST(Wasserstein, BearsTheWidestOfNumbers) {
  const double most = std::numeric_limits<double>::max();
  const auto found =
      wasserstein(std::vector<IntervalCount>{{-most, -most, 1, 0}, {most, most, 0, 1}});
  EXPECT_TRUE(std::isinf(found->distance));
}

TEST(KsBracket, OneSidedLooksAtOneSignOnly) {
  const std::vector<PooledCell> cells = {{3, 1, true}, {0, 4, true}, {2, 0, true}};
  // F_live - F_baseline: 0.4, -0.4, 0.
  EXPECT_NEAR(ks_bracket(cells, Alternative::kGreater)->d_low, 0.4, 1e-15);
  EXPECT_EQ(ks_bracket(cells, Alternative::kGreater)->cell, 0u);
  EXPECT_NEAR(ks_bracket(cells, Alternative::kLess)->d_low, 0.4, 1e-15);
  EXPECT_EQ(ks_bracket(cells, Alternative::kLess)->cell, 1u);
  const std::vector<PooledCell> up = {{0, 5, true}, {5, 0, true}};
  EXPECT_EQ(ks_bracket(up, Alternative::kGreater)->d_low, 0);
  EXPECT_EQ(ks_bracket(up, Alternative::kLess)->d_low, 1);
}

}  // namespace
}  // namespace driftguard::stats

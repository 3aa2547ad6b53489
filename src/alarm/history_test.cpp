// SPDX-License-Identifier: Apache-2.0
#include "alarm/history.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <random>

#include "alarm/excursions.h"

namespace driftguard::alarm {
namespace {

using Counts = std::array<std::uint32_t, 2>;
constexpr std::array<double, 2> kBelow = {1.0, 0.0};
constexpr std::array<double, 2> kHalves = {0.5, 0.5};
constexpr std::int64_t kBlock = 180;
constexpr std::int64_t kDay = 8640;

// A day of buckets with 100 events each, of which `below(bucket)` lie in the first cell.
History day(const std::function<std::uint32_t(std::int64_t)>& below) {
  History history(2);
  for (std::int64_t bucket = 0; bucket < kDay; ++bucket) {
    const std::uint32_t x = below(bucket);
    history.add(bucket, Counts{x, 100 - x});
  }
  return history;
}

History independent_day(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::binomial_distribution<std::uint32_t> below(100, 0.5);
  return day([&](std::int64_t) { return below(random); });
}

Indicator first_cell(double dispersion = 1.0) { return {0, 0, 0.5, dispersion}; }

TEST(Dispersion, OfIndependentEventsIsOne) {
  const Dispersion found = dispersion(independent_day(1), kBelow, kHalves);
  EXPECT_FALSE(found.significant);
  EXPECT_NEAR(found.ratio, 1.0, 0.3);
}

TEST(Dispersion, OfEventsInPairsIsTwo) {
  std::mt19937_64 random(2);
  std::binomial_distribution<std::uint32_t> pairs(50, 0.5);
  const History history = day([&](std::int64_t) { return 2 * pairs(random); });
  const Dispersion found = dispersion(history, kBelow, kHalves);
  EXPECT_TRUE(found.significant);
  EXPECT_NEAR(found.ratio, 2.0, 0.4);
}

TEST(Dispersion, LeavesASlowWaveToTheWobble) {
  std::mt19937_64 random(3);
  const History history = day([&](std::int64_t bucket) {
    const double share = 0.5 + 0.05 * std::sin(2 * M_PI * static_cast<double>(bucket) / kDay);
    return std::binomial_distribution<std::uint32_t>(100, share)(random);
  });
  EXPECT_LT(dispersion(history, kBelow, kHalves).ratio, 1.4);
  EXPECT_GT(wobble_limit(history, first_cell(), kBlock), 0.05 / std::sqrt(2.0));
}

TEST(Wobble, OfIndependentEventsIsNone) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(wobble_limit(independent_day(seed), first_cell(), kBlock), 0.0) << "seed " << seed;
  }
}

// A wave with an hour's memory is seen a dozen times a day: its deviation must not be believed low.
TEST(Wobble, LimitLiesAboveTheTruthInAllButFewDays) {
  int below_truth = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    double level = 0.03 * normal(random);
    const double memory = std::exp(-10.0 / 3600);
    const History history = day([&](std::int64_t) {
      level = memory * level + 0.03 * std::sqrt(1 - memory * memory) * normal(random);
      return std::binomial_distribution<std::uint32_t>(100, 0.5 + level)(random);
    });
    below_truth += wobble_limit(history, first_cell(), kBlock) < 0.03;
  }
  EXPECT_LE(below_truth, 6);
}

TEST(History, LeavesEmptyBucketsOut) {
  History history(2);
  history.add(1, Counts{0, 0});
  history.add(2, Counts{3, 4});
  EXPECT_EQ(history.size(), 1u);
  EXPECT_EQ(history.totals(), (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(blocks(history, kBlock), 1u);
}

// Steps of +1 with probability 0.3, else -1: the rate is ln(0.7 / 0.3) = 0.847 (gambler's ruin).
TEST(Excursions, RateOfATamedWalkIsLeftAlone) {
  std::mt19937_64 random(4);
  Excursions excursions;
  for (int i = 0; i < 200'000; ++i) excursions.add(random() % 10 < 3 ? 0.4 : -0.4);
  EXPECT_EQ(excursions.rate(), 1.0);  // 0.847 / 0.4 = 2.1, less two standard errors.
}

TEST(Excursions, RateOfAWildWalkIsFound) {
  std::mt19937_64 random(5);
  Excursions excursions;
  for (int i = 0; i < 200'000; ++i) excursions.add(random() % 10 < 3 ? 4.0 : -4.0);
  EXPECT_NEAR(excursions.rate(), 0.75 * 0.847 / 4, 0.08);
}

TEST(Excursions, FewOfThemSayNothing) {
  Excursions excursions;
  for (int i = 0; i < 50; ++i) excursions.add(i % 2 == 0 ? 100.0 : -100.0);
  EXPECT_EQ(excursions.rate(), 1.0);
}

}  // namespace
}  // namespace driftguard::alarm

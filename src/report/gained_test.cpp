// SPDX-License-Identifier: Apache-2.0
#include "report/gained.h"

#include <gtest/gtest.h>

#include <random>

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

NumericSummary summary(std::vector<double> values) { return NumericSummary::of(values); }

std::vector<double> ramp(std::size_t count, double from, double to) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = from + (to - from) * static_cast<double>(i) / static_cast<double>(count);
  }
  return values;
}

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(GainedRanges, EqualSidesGainNowhere) {
  const NumericSummary side = summary(ramp(1000, 0, 100));
  EXPECT_TRUE(gained_ranges(side, side).empty());
}

TEST(GainedRanges, ASideWithoutValuesGainsNowhere) {
  EXPECT_TRUE(gained_ranges({}, summary(ramp(100, 0, 1))).empty());
  EXPECT_TRUE(gained_ranges(summary(ramp(100, 0, 1)), {}).empty());
}

TEST(GainedRanges, WhatCameBeyondTheOldValuesIsOneRange) {
  const auto found = gained_ranges(summary(joined(ramp(700, 0, 100), ramp(300, 512, 900))),
                                   summary(ramp(1000, 0, 100)));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].range, (ValueRange{500, std::nullopt}));
  EXPECT_NEAR(found[0].live, 0.3, 1e-12);
  EXPECT_EQ(found[0].baseline, 0);
  EXPECT_EQ(text_of(found[0].range), "500 and more");
}

TEST(GainedRanges, WhatCameBelowIsARangeWithoutABeginning) {
  const auto found = gained_ranges(summary(joined(ramp(700, 0, 100), ramp(300, -9, -5))),
                                   summary(ramp(1000, 0, 100)));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].range.from);
  EXPECT_LE(*found[0].range.to, 0);
  EXPECT_GE(*found[0].range.to, -5.1);
}

TEST(GainedRanges, TwoPlacesAreTwoRangesTheLargerFirst) {
  const auto found = gained_ranges(
      summary(joined(joined(ramp(600, 0, 100), ramp(300, 40, 42)), ramp(100, 200, 210))),
      summary(ramp(1000, 0, 100)));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_GT(found[0].gain(), found[1].gain());
  EXPECT_NEAR(*found[0].range.from, 40, 1);
  EXPECT_NEAR(*found[0].range.to, 42, 1);
  EXPECT_EQ(found[1].range.from, 200);
}

// The gains of all ranges come near to all that moved, the total variation of the sides.
TEST(GainedRanges, AShiftOfANormalIsFoundWhole) {
  constexpr unsigned kSeed = 7;
  std::mt19937_64 random(kSeed);
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> live(20'000);
  std::vector<double> baseline(20'000);
  for (double& value : live) value = normal(random) + 1;
  for (double& value : baseline) value = normal(random);
  double gain = 0;
  for (const GainedRange& range : gained_ranges(summary(live), summary(baseline))) {
    gain += range.gain();
  }
  EXPECT_NEAR(gain, 0.3829, 0.02) << "seed " << kSeed;  // 2 Phi(1/2) - 1.
}

TEST(GainedRanges, SteadyTrafficRarelyGainsAnywhere) {
  constexpr unsigned kSeed = 11;
  std::mt19937_64 random(kSeed);
  double worst = 0;
  for (int round = 0; round < 100; ++round) {
    std::vector<double> live(1000);
    std::vector<double> baseline(1000);
    for (double& value : live) value = static_cast<double>(random() % 5000);
    for (double& value : baseline) value = static_cast<double>(random() % 5000);
    for (const GainedRange& range : gained_ranges(summary(live), summary(baseline))) {
      worst = std::max(worst, range.gain());
    }
  }
  EXPECT_LT(worst, 0.08) << "seed " << kSeed;
}

TEST(CountIn, CountsWhatTheRangesHold) {
  const NumericSummary numbers = summary({1, 2, 2, 3, 10});
  EXPECT_EQ(count_in(numbers, {{2, 3}}), 3u);
  EXPECT_EQ(count_in(numbers, {{std::nullopt, 1}, {10, std::nullopt}}), 2u);
  EXPECT_EQ(count_in(numbers, {}), 0u);
}

}  // namespace
}  // namespace driftguard::report

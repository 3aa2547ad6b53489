// SPDX-License-Identifier: Apache-2.0
#include "report/volume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace driftguard::report {
namespace {

std::vector<std::uint64_t> poisson(double mean, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::poisson_distribution<std::uint64_t> draw(mean);
  std::vector<std::uint64_t> counts(count);
  for (std::uint64_t& one : counts) one = draw(random);
  return counts;
}

VolumeState judged(std::uint64_t events, const std::vector<std::uint64_t>& counts) {
  return judge_volume(events, VolumeProfile(counts)).state;
}

TEST(Volume, QuantilesAreNearestRank) {
  std::vector<std::uint64_t> counts;
  for (std::uint64_t i = 200; i > 0; --i) counts.push_back(i);
  const VolumeProfile profile(counts);
  EXPECT_EQ(profile.quantile(1), 2u);
  EXPECT_EQ(profile.quantile(50), 100u);
  EXPECT_EQ(profile.quantile(99), 198u);
  EXPECT_EQ(profile.quantile(100), 200u);
  EXPECT_EQ(profile.mean(), 100.5);
}

TEST(Volume, StretchesBeforeTheFirstEventDoNotCount) {
  const VolumeProfile profile({0, 0, 5, 0, 7, 0});
  EXPECT_EQ(profile.stretches(), 3u);
  EXPECT_EQ(profile.quantile(1), 0u);
  EXPECT_EQ(VolumeProfile({0, 0}).stretches(), 0u);
}

TEST(Volume, LimitsAreQuantilesWidenedByNoise) {
  const std::vector<std::uint64_t> steady(24, 100);
  const VolumeStatus volume = judge_volume(100, VolumeProfile(steady));
  EXPECT_EQ(volume.low, 70);
  EXPECT_EQ(volume.high, 130);
  EXPECT_EQ(volume.expected, 100);
  EXPECT_EQ(judged(70, steady), VolumeState::kUsual);
  EXPECT_EQ(judged(69, steady), VolumeState::kLow);
  EXPECT_EQ(judged(130, steady), VolumeState::kUsual);
  EXPECT_EQ(judged(131, steady), VolumeState::kHigh);
  EXPECT_EQ(judged(0, steady), VolumeState::kSilent);
}

TEST(Volume, SilenceIsToldOnlyWhereEventsAreExpected) {
  EXPECT_EQ(judged(0, std::vector<std::uint64_t>(24, 20)), VolumeState::kSilent);
  EXPECT_NE(judged(0, std::vector<std::uint64_t>(24, 19)), VolumeState::kSilent);
  // A service that rests at night.
  std::vector<std::uint64_t> day(288, 500);
  std::fill(day.begin() + 200, day.begin() + 260, 0);
  EXPECT_EQ(judged(0, day), VolumeState::kUsual);
}

TEST(Volume, AShortBaselineSaysNothing) {
  EXPECT_EQ(judged(0, std::vector<std::uint64_t>(11, 100)), VolumeState::kInsufficientBaseline);
  EXPECT_EQ(judged(0, {}), VolumeState::kInsufficientBaseline);
}

TEST(Volume, SteadyTrafficIsUsual) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  for (const double mean : {0.5, 10.0, 3000.0}) {
    const VolumeProfile profile(poisson(mean, 24, seed));
    int unusual = 0;
    for (const std::uint64_t events : poisson(mean, 2000, seed + 1)) {
      unusual += judge_volume(events, profile).state == VolumeState::kUsual ? 0 : 1;
    }
    EXPECT_LE(unusual, 20) << mean;  // One in a hundred; of three deviations and more, fewer.
  }
}

TEST(Volume, EveryStateHasItsSentence) {
  const std::vector<std::uint64_t> steady(24, 100);
  const auto sentence = [&](std::uint64_t events) {
    return sentence_of(judge_volume(events, VolumeProfile(steady)));
  };
  EXPECT_EQ(sentence(90), "90 events in 5 min, as usual (70 to 130, 100 on average)");
  EXPECT_EQ(sentence(60), "60 events in 5 min, fewer than usual (70 to 130, 100 on average)");
  EXPECT_EQ(sentence(160), "160 events in 5 min, more than usual (70 to 130, 100 on average)");
  EXPECT_EQ(sentence(0), "no events in 5 min where 100 are usual");
  EXPECT_EQ(sentence_of(judge_volume(7, {})),
            "7 events in 5 min; the baseline has 0 stretches as long to compare with, 12 are "
            "needed");
}

}  // namespace
}  // namespace driftguard::report

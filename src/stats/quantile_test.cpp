// SPDX-License-Identifier: Apache-2.0
#include "stats/quantile.h"

#include <gtest/gtest.h>

#include <random>

namespace driftguard::stats {
namespace {

std::vector<WeightedPoint> sample(const std::vector<double>& values) {
  return std::move(weigh(values)).value();
}

TEST(NearestRank, IsTheCeilingForEverySize) {
  for (std::uint64_t n = 1; n <= 5'000'000; ++n) {
    const std::uint64_t rank = nearest_rank(kP95, n);
    ASSERT_TRUE(20 * rank >= 19 * n && 20 * (rank - 1) < 19 * n) << n;
  }
}

TEST(NearestRank, SurvivesSizesThatOverflowSixtyFourBits) {
  EXPECT_EQ(nearest_rank({99, 100}, 1'000'000'000'000'000'000), 990'000'000'000'000'000u);
}

TEST(NearestRank, OfProbabilityZeroIsTheFirst) { EXPECT_EQ(nearest_rank({0, 1}, 7), 1u); }

TEST(NearestRank, QuantileIsAlwaysOneOfTheValues) {
  EXPECT_EQ(*nearest_rank_quantile(sample({10, 20, 30, 40}), kP95), 40);
  EXPECT_EQ(*nearest_rank_quantile(sample({40, 10, 30, 20}), kP50), 20);
}

TEST(NearestRank, QuantileOfNothingIsAnError) {
  EXPECT_EQ(nearest_rank_quantile({}, kP95).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(linear_quantile({}, 0.5).error().code, ErrorCode::kInvalidArgument);
}

TEST(NearestRank, CountsWeights) {
  const std::vector<WeightedPoint> points = {{1.0, 94}, {2.0, 1}, {3.0, 0}, {4.0, 5}};
  EXPECT_EQ(*nearest_rank_quantile(points, kP95), 2.0);
  EXPECT_EQ(value_at_rank(points, 96), 4.0);
}

TEST(LinearQuantile, InterpolatesBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(*linear_quantile(sample({0, 10}), 0.25), 2.5);
  EXPECT_DOUBLE_EQ(*linear_quantile(sample({0, 10}), 1.0), 10);
  EXPECT_DOUBLE_EQ(*linear_quantile(sample({7}), 0.3), 7);
}

TEST(LinearQuantile, DoesNotOverflow) {
  EXPECT_DOUBLE_EQ(*linear_quantile(sample({-1e308, 1e308}), 0.5), 0.0);
}

TEST(RankInterval, IsTheBinomialOne) {
  EXPECT_EQ(quantile_rank_interval(kP95, 1'000), (RankInterval{936, 964}));
  EXPECT_EQ(quantile_rank_interval(kP95, 18'000), (RankInterval{17'042, 17'158}));
}

TEST(RankInterval, HasNoUpperLimitForP95BelowSeventyTwo) {
  EXPECT_EQ(quantile_rank_interval(kP95, 71).upper, 72u);
  EXPECT_EQ(quantile_rank_interval(kP95, 72).upper, 72u);
}

TEST(RankInterval, CoversThePopulationQuantile) {
  constexpr unsigned kSeed = 20260101;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> uniform;
  const RankInterval ranks = quantile_rank_interval(kP95, 200);
  int covered = 0;
  for (int run = 0; run < 4'000; ++run) {
    std::vector<double> values(200);
    for (double& value : values) value = uniform(random);
    const auto points = sample(values);
    covered +=
        value_at_rank(points, ranks.lower) <= 0.95 && value_at_rank(points, ranks.upper) >= 0.95;
  }
  EXPECT_GE(covered, 4'000 * 0.94);  // Four standard errors below 0.95.
}

}  // namespace
}  // namespace driftguard::stats

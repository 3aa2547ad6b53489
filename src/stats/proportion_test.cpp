// SPDX-License-Identifier: Apache-2.0
#include "stats/proportion.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftguard::stats {
namespace {

TEST(Wilson, OneOfTwoHundred) {
  const Interval interval = wilson_interval({1, 200});
  EXPECT_NEAR(interval.low, 0.0009, 5e-5);
  EXPECT_NEAR(interval.high, 0.0278, 5e-5);
}

TEST(Wilson, SolvesTheScoreEquation) {
  const Interval interval = wilson_interval({37, 50});
  for (double p : {interval.low, interval.high}) {
    const double score = (0.74 - p) / std::sqrt(p * (1 - p) / 50);
    EXPECT_NEAR(std::abs(score), kZ95, 1e-9);
  }
}

TEST(Wilson, ReachesTheEndsOnlyThere) {
  EXPECT_EQ(wilson_interval({0, 10}).low, 0.0);
  EXPECT_EQ(wilson_interval({10, 10}).high, 1.0);
  EXPECT_GT(wilson_interval({1, 10}).low, 0.0);
  EXPECT_LT(wilson_interval({9, 10}).high, 1.0);
}

TEST(Wilson, KnowsNothingWithoutTrials) {
  EXPECT_EQ(wilson_interval({0, 0}).low, 0.0);
  EXPECT_EQ(wilson_interval({0, 0}).high, 1.0);
}

TEST(Wilson, HoldsTheShareForEveryCount) {
  for (std::uint64_t n = 1; n <= 300; ++n) {
    for (std::uint64_t k = 0; k <= n; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(n);
      const Interval interval = wilson_interval({k, n});
      ASSERT_TRUE(0.0 <= interval.low && interval.low <= share) << k << " of " << n;
      ASSERT_TRUE(share <= interval.high && interval.high <= 1.0) << k << " of " << n;
    }
  }
}

}  // namespace
}  // namespace driftguard::stats

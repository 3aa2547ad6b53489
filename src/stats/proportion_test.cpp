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

TEST(ClopperPearson, AgreesWithTheBinomialTails) {
  // 3 of 20 at 95 %: SciPy's binomtest(3, 20).proportion_ci("exact") and R's binom.test.
  const Interval interval = clopper_pearson_interval(3, 20, 0.025);
  EXPECT_NEAR(interval.low, 0.03207093718455486, 1e-12);
  EXPECT_NEAR(interval.high, 0.37892682654529564, 1e-12);
}

TEST(ClopperPearson, HasClosedFormsAtTheEnds) {
  EXPECT_EQ(clopper_pearson_interval(0, 50, 0.01).low, 0.0);
  EXPECT_NEAR(clopper_pearson_interval(0, 50, 0.01).high, 1.0 - std::pow(0.01, 1.0 / 50), 1e-12);
  EXPECT_EQ(clopper_pearson_interval(50, 50, 0.01).high, 1.0);
  EXPECT_EQ(clopper_pearson_interval(0, 0, 0.01).high, 1.0);
}

TEST(ClopperPearson, FractionsLieBetweenWholeCounts) {
  const double high = clopper_pearson_interval(3.5, 20, 0.025).high;
  EXPECT_GT(high, clopper_pearson_interval(3, 20, 0.025).high);
  EXPECT_LT(high, clopper_pearson_interval(4, 20, 0.025).high);
}

TEST(Normal, QuantileAndDistributionAreInverse) {
  EXPECT_NEAR(normal_quantile(0.975), kZ95, 1e-14);
  for (const double p : {1e-12, 0.001, 0.3, 0.5, 0.9, 0.99999}) {
    EXPECT_NEAR(normal_cdf(normal_quantile(p)), p, 1e-12 * p + 1e-15);
  }
}

}  // namespace
}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
// Held to brute force: every value looked at.
#include "report/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "stats/ks.h"

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

NumericSummary summary(std::vector<double> values) { return NumericSummary::of(values); }

double share_up_to(const std::vector<double>& values, double x) {
  const auto n = std::count_if(values.begin(), values.end(), [&](double v) { return v <= x; });
  return static_cast<double>(n) / static_cast<double>(values.size());
}

// Values with ties, whole numbers or not, of either sign.
std::vector<double> random_values(std::mt19937_64& random, std::size_t count, double shift) {
  std::normal_distribution<double> normal(shift, 10);
  std::vector<double> values(count);
  for (double& value : values)
    value = random() % 2 == 0 ? std::round(normal(random)) : normal(random);
  return values;
}

struct Sides {
  std::vector<double> live;
  std::vector<double> baseline;
};

class DistributionTest : public ::testing::Test {
 protected:
  DistributionTest() : seed_(std::random_device{}()), random_(seed_) {}

  Sides sides() {
    return {random_values(random_, 1 + random_() % 800, 3),
            random_values(random_, 1 + random_() % 800, 0)};
  }

  const std::uint64_t seed_;
  const testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937_64 random_;
};

TEST_F(DistributionTest, EcdfIsExactAtEveryPointItGives) {
  for (int i = 0; i < 30; ++i) {
    const Sides s = sides();
    const Ecdf ecdf = ecdf_of(summary(s.live), summary(s.baseline), 50, std::nullopt);
    ASSERT_EQ(ecdf.live.size(), ecdf.x.size());
    for (std::size_t p = 0; p < ecdf.x.size(); ++p) {
      ASSERT_DOUBLE_EQ(ecdf.live[p], share_up_to(s.live, ecdf.x[p]));
      ASSERT_DOUBLE_EQ(ecdf.baseline[p], share_up_to(s.baseline, ecdf.x[p]));
    }
  }
}

TEST_F(DistributionTest, EcdfKeepsItsBoundsAndLeavesNoLargeStepOut) {
  for (int i = 0; i < 30; ++i) {
    const Sides s = sides();
    const Ecdf ecdf = ecdf_of(summary(s.live), summary(s.baseline), 40, std::nullopt);
    ASSERT_LE(ecdf.x.size(), 43u);
    ASSERT_TRUE(std::is_sorted(ecdf.x.begin(), ecdf.x.end(), std::less_equal<>()));
    ASSERT_EQ(ecdf.live.back(), 1);
    ASSERT_EQ(ecdf.baseline.back(), 1);
    const auto risen = [&](double x) {
      return share_up_to(s.live, x) + share_up_to(s.baseline, x);
    };
    for (const double value : s.live) {
      const auto next = std::lower_bound(ecdf.x.begin(), ecdf.x.end(), value);
      if (*next == value) continue;
      ASSERT_LT(risen(value), risen(*(next - 1)) + 2.0 / 39 + 1e-12);
    }
  }
}

TEST_F(DistributionTest, TheLargestGapIsAmongThePoints) {
  for (int i = 0; i < 30; ++i) {
    const Sides s = sides();
    const auto ks = stats::ks_statistic(s.live, s.baseline);
    ASSERT_TRUE(ks);
    if (ks->d == 0) continue;
    const Ecdf ecdf = ecdf_of(summary(s.live), summary(s.baseline), 5, ks->location);
    const std::optional<Gap> gap = gap_of(ecdf, ks->location);
    ASSERT_TRUE(gap);
    ASSERT_NEAR(std::fabs(gap->live - gap->baseline), ks->d, 1e-12);
    ASSERT_EQ(gap->live > gap->baseline, ks->sign > 0);
  }
}

TEST_F(DistributionTest, AnEmptySideHasNoCurveAndNoGap) {
  const Ecdf ecdf = ecdf_of(summary({1, 2}), {}, 10, std::nullopt);
  EXPECT_EQ(ecdf.x, (std::vector<double>{1, 2}));
  EXPECT_TRUE(ecdf.baseline.empty());
  EXPECT_FALSE(gap_of(ecdf, 1.0));
}

TEST_F(DistributionTest, HistogramsCountEveryValueOnce) {
  for (int i = 0; i < 50; ++i) {
    const Sides s = sides();
    const auto histogram = histogram_of(summary(s.live), summary(s.baseline), 1 + random_() % 60);
    ASSERT_TRUE(histogram);
    const auto& edges = histogram->edges;
    ASSERT_TRUE(std::is_sorted(edges.begin(), edges.end(), std::less_equal<>()));
    for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
      const bool last = bin + 2 == edges.size();
      const auto inside = std::count_if(s.live.begin(), s.live.end(), [&](double v) {
        return edges[bin] <= v && (v < edges[bin + 1] || (last && v == edges[bin + 1]));
      });
      ASSERT_DOUBLE_EQ(histogram->live.shares[bin],
                       static_cast<double>(inside) / static_cast<double>(s.live.size()));
    }
    const double all =
        std::accumulate(histogram->baseline.shares.begin(), histogram->baseline.shares.end(), 0.0);
    ASSERT_NEAR(all + histogram->baseline.below + histogram->baseline.above, 1, 1e-9);
  }
}

TEST_F(DistributionTest, FewWholeNumbersGetABinEach) {
  const auto histogram = histogram_of(summary({1, 2, 2, 4}), summary({1, 3}), 40);
  EXPECT_EQ(histogram->edges, (std::vector<double>{0.5, 1.5, 2.5, 3.5, 4.5}));
  EXPECT_EQ(histogram->live.shares, (std::vector<double>{0.25, 0.5, 0, 0.25}));
}

TEST_F(DistributionTest, ManyWholeNumbersGetBinsOfAWholeWidth) {
  std::vector<double> values(1000);
  std::iota(values.begin(), values.end(), 0);
  const auto histogram = histogram_of(summary(values), {}, 30);
  EXPECT_LE(histogram->edges.size(), 31u);
  for (std::size_t i = 1; i < histogram->edges.size(); ++i) {
    EXPECT_EQ(histogram->edges[i] - histogram->edges[i - 1], 34);
  }
}

TEST_F(DistributionTest, AFarOutlierDoesNotFlattenTheBins) {
  std::vector<double> values(2000);
  std::iota(values.begin(), values.end(), 0.5);
  values.push_back(1e12);
  const auto histogram = histogram_of(summary(values), {}, 20);
  EXPECT_LT(histogram->edges.back(), 2000);
  EXPECT_GT(histogram->live.above, 0);
}

TEST_F(DistributionTest, TheEndsOfTheNumbersAreBinnedToo) {
  for (const std::vector<double>& values :
       std::vector<std::vector<double>>{{-1.7e308, 1.7e308},
                                        {5e-324, 0},
                                        {1e300},
                                        {-0.0},
                                        {9007199254740992.0, 9007199254740994.0}}) {
    const auto histogram = histogram_of(summary(values), {}, 7);
    ASSERT_TRUE(histogram);
    for (const double edge : histogram->edges) EXPECT_TRUE(std::isfinite(edge));
    const double all =
        std::accumulate(histogram->live.shares.begin(), histogram->live.shares.end(), 0.0);
    EXPECT_NEAR(all, 1, 1e-12);
  }
}

TEST_F(DistributionTest, TailsAreSharesBeyondTheBaselinesQuantiles) {
  for (int i = 0; i < 30; ++i) {
    Sides s = sides();
    const auto above = tail_above_p99(summary(s.live), summary(s.baseline));
    const auto below = tail_below_p1(summary(s.live), summary(s.baseline));
    std::sort(s.baseline.begin(), s.baseline.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(99 * static_cast<double>(s.baseline.size()) / 100));
    ASSERT_EQ(above->threshold, s.baseline[rank - 1] + 0.0);
    ASSERT_NEAR(*above->live, 1 - share_up_to(s.live, above->threshold), 1e-12);
    const auto less =
        std::count_if(s.live.begin(), s.live.end(), [&](double v) { return v < below->threshold; });
    ASSERT_DOUBLE_EQ(*below->live, static_cast<double>(less) / static_cast<double>(s.live.size()));
  }
  EXPECT_FALSE(tail_above_p99(summary({1}), {}));
  EXPECT_FALSE(tail_above_p99({}, summary({1}))->live);
}

TEST_F(DistributionTest, BeyondTheSummarysCapacityPointsAreStillConsistent) {
  std::vector<double> values(40'000);
  for (double& value : values) value = std::uniform_real_distribution<double>(-5, 5)(random_);
  const NumericSummary live = summary(values);
  ASSERT_FALSE(live.lossless());
  const Ecdf ecdf = ecdf_of(live, summary({1, 2, 3}), 100, std::nullopt);
  for (std::size_t p = 0; p < ecdf.x.size(); ++p) {
    ASSERT_DOUBLE_EQ(ecdf.live[p], share_up_to(values, ecdf.x[p]));
  }
}

}  // namespace
}  // namespace driftguard::report

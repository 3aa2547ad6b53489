// SPDX-License-Identifier: Apache-2.0
#include "stats/ks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace driftguard::stats {
namespace {

constexpr unsigned kSeed = 20260714;

// Random small samples with many ties, from a seed that a failure prints.
class KsProperty : public ::testing::Test {
 protected:
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }

  std::vector<double> values(std::uint64_t size_max, std::uint64_t distinct) {
    std::vector<double> result(1 + below(size_max));
    for (double& value : result) value = static_cast<double>(below(distinct)) - 2.0;
    return result;
  }

  ::testing::ScopedTrace trace_{__FILE__, __LINE__, kSeed};
  std::mt19937_64 random_{kSeed};
};

std::uint64_t low(uint128 t) { return static_cast<std::uint64_t>(t); }

std::uint64_t at_or_below(const std::vector<double>& values, double limit) {
  return static_cast<std::uint64_t>(
      std::count_if(values.begin(), values.end(), [&](double value) { return value <= limit; }));
}

// n m (F_live - F_baseline) at a value, by counting.
std::int64_t signed_gap(const std::vector<double>& live, const std::vector<double>& baseline,
                        double value) {
  return static_cast<std::int64_t>(at_or_below(live, value) * baseline.size()) -
         static_cast<std::int64_t>(at_or_below(baseline, value) * live.size());
}

std::uint64_t brute_force_t(const std::vector<double>& live, const std::vector<double>& baseline) {
  std::int64_t best = 0;
  for (const auto* side : {&live, &baseline}) {
    for (double value : *side) best = std::max(best, std::abs(signed_gap(live, baseline, value)));
  }
  return static_cast<std::uint64_t>(best);
}

TEST_F(KsProperty, StatisticIsTheLargestGapOverAllValues) {
  for (int run = 0; run < 2'000; ++run) {
    const auto live = values(30, 12);
    const auto baseline = values(30, 12);
    const auto got = ks_statistic(live, baseline);
    ASSERT_EQ(low(got->t), brute_force_t(live, baseline));
    if (got->t == 0) continue;
    ASSERT_EQ(signed_gap(live, baseline, got->location),
              got->sign * static_cast<std::int64_t>(low(got->t)));
  }
}

TEST_F(KsProperty, TwoSidedIsTheLargerOfBothSides) {
  for (int run = 0; run < 2'000; ++run) {
    const auto live = values(30, 12);
    const auto baseline = values(30, 12);
    const auto greater = ks_statistic(live, baseline, Alternative::kGreater);
    const auto less = ks_statistic(live, baseline, Alternative::kLess);
    const auto both = ks_statistic(live, baseline);
    ASSERT_EQ(low(both->t), low(std::max(greater->t, less->t)));
    ASSERT_EQ(both->sign, both->t == 0 ? 0 : greater->t >= less->t ? 1 : -1);
    ASSERT_EQ(low(greater->t), low(ks_statistic(baseline, live, Alternative::kLess)->t));
  }
}

TEST(KsStatistic, SignedZerosAreOneValue) {
  EXPECT_EQ(low(ks_statistic(std::vector{-0.0, 1.0}, std::vector{0.0, 1.0})->t), 0u);
  const std::vector<WeightedPoint> negative = {{-0.0, 1}};
  const std::vector<WeightedPoint> positive = {{0.0, 1}};
  EXPECT_EQ(low(ks_statistic(negative, positive)->t), 0u);
}

TEST(KsStatistic, CountsBeyondSixtyFourBitProducts) {
  const std::uint64_t many = 10'000'000'000'000;
  const std::vector<WeightedPoint> live = {{1.0, many}, {2.0, many}};
  const std::vector<WeightedPoint> baseline = {{1.0, many}, {2.0, 3 * many}};
  const auto got = ks_statistic(live, baseline);
  EXPECT_TRUE(got->t == uint128{many} * 2 * many);
  EXPECT_DOUBLE_EQ(got->d, 0.25);
}

TEST(KsStatistic, RefusesWhatIsNotASample) {
  const std::vector<WeightedPoint> good = {{1.0, 1}};
  const std::vector<WeightedPoint> descending = {{2.0, 1}, {1.0, 1}};
  const std::vector<WeightedPoint> infinite = {{std::numeric_limits<double>::infinity(), 1}};
  const std::vector<WeightedPoint> empty = {{1.0, 0}};
  EXPECT_TRUE(ks_statistic(good, descending).error().detail.starts_with("unsorted_input"));
  EXPECT_TRUE(ks_statistic(infinite, good).error().detail.starts_with("non_finite_input"));
  EXPECT_TRUE(ks_statistic(good, empty).error().detail.starts_with("empty_sample"));
}

// Share of the orders of m + n observations whose statistic at the ends of the tie blocks is >= t:
// every subset of positions for the first sample, listed.
struct Enumerated {
  double two_sided;
  double greater;
};

Enumerated enumerate(std::int64_t t, unsigned m, unsigned n,
                     const std::vector<std::uint64_t>& blocks) {
  std::uint64_t paths = 0, outside = 0, above = 0;
  for (unsigned subset = 0; subset < 1u << (m + n); ++subset) {
    if (static_cast<unsigned>(__builtin_popcount(subset)) != m) continue;
    std::int64_t largest = 0, highest = 0;
    unsigned taken = 0;
    for (std::uint64_t block : blocks) {
      taken += static_cast<unsigned>(block);
      const std::int64_t i = __builtin_popcount(subset & ((1u << taken) - 1));
      const std::int64_t gap = i * n - (taken - i) * m;
      largest = std::max(largest, std::abs(gap));
      highest = std::max(highest, gap);
    }
    ++paths;
    outside += largest >= t;
    above += highest >= t;
  }
  return {static_cast<double>(outside) / static_cast<double>(paths),
          static_cast<double>(above) / static_cast<double>(paths)};
}

TEST(KsExact, EqualsTheEnumerationOfAllOrders) {
  for (unsigned m = 1; m <= 6; ++m) {
    for (unsigned n = 1; n <= 7; ++n) {
      const std::vector<std::uint64_t> single(m + n, 1);
      for (std::int64_t t = 0; t <= m * n; ++t) {
        const Enumerated want = enumerate(t, m, n, single);
        ASSERT_NEAR(ks_exact_p(static_cast<uint128>(t), m, n), want.two_sided, 1e-14)
            << t << " " << m << " " << n;
        ASSERT_NEAR(ks_exact_p_one_sided(static_cast<uint128>(t), m, n), want.greater, 1e-14)
            << t << " " << m << " " << n;
      }
    }
  }
}

TEST_F(KsProperty, TiesEqualTheEnumerationOfAllOrders) {
  for (int run = 0; run < 300; ++run) {
    const auto live = values(7, 4);
    const auto baseline = values(7, 4);
    const auto blocks = tie_blocks(*weigh(live), *weigh(baseline));
    const auto m = static_cast<unsigned>(baseline.size());
    const auto n = static_cast<unsigned>(live.size());
    const std::uint64_t t = below(std::uint64_t{m} * n + 1);
    ASSERT_NEAR(ks_exact_p_ties(t, m, n, blocks),
                enumerate(static_cast<std::int64_t>(t), m, n, blocks).two_sided, 1e-14)
        << t << " " << m << " " << n;
  }
}

TEST_F(KsProperty, PValueFallsInTAndNeverLeavesItsRange) {
  for (int run = 0; run < 40; ++run) {
    const std::uint64_t m = 1 + below(run % 2 == 0 ? 40 : 400);
    const std::uint64_t n = 1 + below(400);
    double last = 1.0;
    for (std::uint64_t t = 0; t <= m * n; t += 1 + below(m * n / 50 + 1)) {
      const double p = ks_exact_p(t, m, n);
      ASSERT_TRUE(p >= 0.0 && p <= last * (1 + 1e-12)) << t << " " << m << " " << n;
      ASSERT_NEAR(p, ks_exact_p(t, n, m), 1e-12 * p);
      last = p;
    }
  }
}

// SciPy's methods for n > 140 meet only to this, and its two tails use different ones.
constexpr double kSeam = 1e-6;

TEST_F(KsProperty, AsymptoticsFallInDAndNeverLeaveTheirRange) {
  for (std::uint64_t n : {1u, 2u, 7u, 140u, 141u, 1'000u, 30'000u, 100'001u, 5'000'000u}) {
    double last = 1.0, last_one_sided = 1.0;
    for (double z = 0.01; z < 30.0; z *= 1.17) {
      const double d = z / std::sqrt(static_cast<double>(n));
      const double p = kstwo_sf(d, n);
      const double one_sided = smirnov_sf(n, d);
      ASSERT_TRUE(p >= 0.0 && p <= last + kSeam) << n << " " << d;
      ASSERT_TRUE(one_sided >= 0.0 && one_sided <= last_one_sided + kSeam) << n << " " << d;
      ASSERT_NEAR(kstwo_cdf(d, n), 1.0 - p, kSeam) << n << " " << d;
      last = p;
      last_one_sided = one_sided;
    }
  }
}

TEST(KsExact, DisjointSamplesHaveTheProductForm) {
  EXPECT_NEAR(ks_exact_p(20'000, 1, 20'000), 2.0 / 20'001, 1e-18);
  EXPECT_EQ(ks_exact_p(1'000'000, 1'000, 1'000), 0.0);  // 9.8e-601.
}

TEST(KsPValue, FollowsTheStatedRule) {
  EXPECT_EQ(ks_p_value(100'000, 10'000, 1'000).method, KsMethod::kExact);
  EXPECT_EQ(ks_p_value(10'000'000, 10'000, 9'999).method, KsMethod::kExact);
  EXPECT_EQ(ks_p_value(10'000'001, 10'000, 9'999).method, KsMethod::kAsymptotic);
  EXPECT_EQ(ks_p_value(100'000, 10'001, 10).method, KsMethod::kAsymptotic);
}

TEST(KsPValue, HasAValueWhereSciPyHasNone) {
  EXPECT_EQ(ks_p_value(0, 1, 1).p, 1.0);
  const KsPValue disjoint = ks_p_value(20'000, 1, 20'000);
  EXPECT_EQ(disjoint.method, KsMethod::kExact);
  EXPECT_NEAR(disjoint.p, 2.0 / 20'001, 1e-18);
  EXPECT_EQ(ks_p_value(0, 50'000, 20'000).p, 1.0);
}

TEST(KsPValue, RoundsTheEffectiveSizeHalvesToEven) {
  // 12,005^2 / 24,010 = 6,002.5 and 12,007^2 / 24,014 = 6,003.5: down, then up.
  EXPECT_EQ(ks_p_value(2'000'000, 12'005, 12'005).p, kstwo_sf(2e6 / (12'005.0 * 12'005), 6'002));
  EXPECT_EQ(ks_p_value(2'000'000, 12'007, 12'007).p, kstwo_sf(2e6 / (12'007.0 * 12'007), 6'004));
}

// Random values put into random cells; a cell is exact when it holds one distinct value.
std::vector<PooledCell> binned(const std::vector<double>& live, const std::vector<double>& baseline,
                               const std::vector<double>& edges) {
  std::vector<PooledCell> cells;
  double last = -std::numeric_limits<double>::infinity();
  for (double edge : edges) {
    std::vector<double> inside;
    std::uint64_t from_live = 0;
    for (const auto* side : {&live, &baseline}) {
      for (double value : *side) {
        if (value > last && value <= edge) inside.push_back(value);
      }
      if (side == &live) from_live = inside.size();
    }
    std::sort(inside.begin(), inside.end());
    const bool exact = inside.empty() || inside.front() == inside.back();
    cells.push_back({from_live, inside.size() - from_live, exact});
    last = edge;
  }
  return cells;
}

TEST_F(KsProperty, BracketHoldsTheTrueStatistic) {
  for (int run = 0; run < 3'000; ++run) {
    const auto live = values(40, 25);
    const auto baseline = values(40, 25);
    std::vector<double> edges = {100.0};
    for (std::uint64_t i = below(12); i > 0; --i) edges.push_back(static_cast<double>(below(23)));
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    const auto bracket = ks_bracket(binned(live, baseline, edges));
    const std::uint64_t t = brute_force_t(live, baseline);
    ASSERT_LE(low(bracket->t_low), t);
    ASSERT_GE(low(bracket->t_high), t);
  }
}

TEST_F(KsProperty, BracketOfExactCellsIsAPoint) {
  for (int run = 0; run < 1'000; ++run) {
    const auto live = values(40, 25);
    const auto baseline = values(40, 25);
    std::vector<double> edges;
    for (int i = -2; i < 25; ++i) edges.push_back(i);
    const auto bracket = ks_bracket(binned(live, baseline, edges));
    ASSERT_EQ(low(bracket->t_low), brute_force_t(live, baseline));
    ASSERT_EQ(low(bracket->t_high), low(bracket->t_low));
  }
}

TEST(KsBracket, HighEndIsReachedByTheWorstArrangement) {
  const std::vector<PooledCell> cells = {{3, 3, false}};
  const auto bracket = ks_bracket(cells);
  EXPECT_EQ(bracket->d_low, 0.0);
  EXPECT_EQ(bracket->d_high, 1.0);
  EXPECT_EQ(bracket->sign, 0);
}

TEST(KsBracket, NamesTheCellOfTheGap) {
  const std::vector<PooledCell> cells = {{1, 0, true}, {3, 0, true}, {0, 4, true}};
  const auto bracket = ks_bracket(cells);
  EXPECT_EQ(bracket->cell, 1u);
  EXPECT_EQ(bracket->sign, 1);
  EXPECT_EQ(bracket->d_low, 1.0);
}

// Just below and far beyond products of counts that fit 64 bits: D does not depend on the scale.
TEST(KsBracket, IsTheSameAtAnyScale) {
  const std::vector<PooledCell> cells = {{3, 1, true}, {0, 4, false}, {6, 2, false}, {1, 5, true}};
  const auto small = ks_bracket(cells);
  for (const std::uint64_t scale : {500'000'000ull, 10'000'000'000'000ull}) {
    std::vector<PooledCell> many = cells;
    for (PooledCell& cell : many) cell.live *= scale, cell.baseline *= scale;
    const auto got = ks_bracket(many);
    EXPECT_TRUE(got->t_low == small->t_low * scale * scale);
    EXPECT_TRUE(got->t_high == small->t_high * scale * scale);
    EXPECT_EQ(got->cell, small->cell);
    EXPECT_EQ(got->sign, small->sign);
  }
}

TEST(KsBracket, RefusesAnEmptySide) {
  const std::vector<PooledCell> cells = {{0, 5, true}};
  EXPECT_TRUE(ks_bracket(cells).error().detail.starts_with("empty_sample"));
}

}  // namespace
}  // namespace driftguard::stats

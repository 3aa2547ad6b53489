// SPDX-License-Identifier: Apache-2.0
#include "sketch/numeric_summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

namespace driftguard::sketch {
namespace {

std::string bytes_of(const NumericSummary& summary) {
  std::string bytes;
  ByteWriter out(bytes);
  summary.encode(out);
  return bytes;
}

NumericSummary summary_of(std::vector<double> values) { return NumericSummary::of(values); }

// Adds `values` up in random order, in random groups, along a random tree.
NumericSummary sum_in_any_order(std::vector<double> values, std::mt19937_64& random) {
  std::shuffle(values.begin(), values.end(), random);
  std::vector<NumericSummary> parts;
  for (std::size_t i = 0; i < values.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 9000, values.size() - i);
    parts.push_back(summary_of({values.begin() + static_cast<std::ptrdiff_t>(i),
                                values.begin() + static_cast<std::ptrdiff_t>(i + size)}));
    i += size;
  }
  while (parts.size() > 1) {
    std::shuffle(parts.begin(), parts.end(), random);
    NumericSum sum;
    const std::size_t taken = std::min<std::size_t>(2 + random() % 5, parts.size());
    for (std::size_t i = 0; i < taken; ++i) {
      sum.add(parts.back());
      parts.pop_back();
    }
    parts.push_back(sum.take());
  }
  return parts.front();
}

std::vector<double> random_values(std::size_t n, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> values(n);
  for (double& v : values) v = normal(random) * std::exp(3 * normal(random));
  return values;
}

TEST(NumericSummary, KeepsEveryValueBelowCapacity) {
  const NumericSummary summary = summary_of({3, -1.5, 3, 0.0, -0.0, 1e300, 5e-324});
  EXPECT_TRUE(summary.lossless());
  EXPECT_EQ(summary.count(), 7u);
  std::vector<double> values;
  for (const Cell& cell : summary.cells()) {
    EXPECT_EQ(summary.bounds(cell).low, summary.bounds(cell).high);
    values.insert(values.end(), cell.count, summary.bounds(cell).low);
  }
  EXPECT_EQ(values, (std::vector<double>{-1.5, 0, 0, 5e-324, 3, 3, 1e300}));
}

TEST(NumericSummary, BytesDependOnTheMultisetAlone) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  constexpr int kRounds = 12;  // One order in fifteen once lost cells.
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<double> values = random_values(150'000, random);
    const NumericSummary once = summary_of(values);
    EXPECT_GT(once.shift(), 0);
    const NumericSummary summed = sum_in_any_order(values, random);
    EXPECT_TRUE(bytes_of(summed) == bytes_of(once)) << "round " << round;
  }
}

TEST(NumericSummary, CutsNoMoreBitsThanItMust) {
  std::mt19937_64 random(7);
  const std::vector<double> values = random_values(100'000, random);
  const NumericSummary summary = summary_of(values);
  std::map<std::int64_t, int> finer;
  for (const double v : values) ++finer[coarser(cell_key(v), summary.shift() - 1)];
  EXPECT_LE(summary.cells().size(), NumericSummary::kCapacity);
  EXPECT_GT(finer.size(), NumericSummary::kCapacity);
}

TEST(NumericSummary, EveryValueLiesInItsCell) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 20'000; ++i) {
    const double value = random_values(1, random)[0];
    const int shift = static_cast<int>(random() % (NumericSummary::kShiftMax + 1));
    const CellBounds bounds = cell_bounds(coarser(cell_key(value), shift), shift);
    ASSERT_LE(bounds.low, value);
    ASSERT_GE(bounds.high, value);
  }
}

TEST(NumericSummary, KeysSortAsTheValuesDo) {
  const std::vector<double> ascending = {
      -std::numeric_limits<double>::max(), -1, -5e-324, 0, 5e-324, 1e-300, 1, 1.0000000000000002,
      std::numeric_limits<double>::max()};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(cell_key(ascending[i - 1]), cell_key(ascending[i]));
  }
}

TEST(NumericSummary, SurvivesTheWidestSpread) {
  std::vector<double> values;
  std::mt19937_64 random(9);
  for (int i = 0; i < 200'000; ++i) {
    double value = 0;
    do {
      value = std::bit_cast<double>(random());
    } while (!std::isfinite(value));
    values.push_back(value);
  }
  const NumericSummary summary = summary_of(values);
  EXPECT_LE(summary.cells().size(), NumericSummary::kCapacity);
  EXPECT_EQ(summary.count(), values.size());
}

TEST(NumericSummary, IntegersStayExactAtAnyCount) {
  NumericSum sum;
  for (int batch = 0; batch < 50; ++batch) {
    std::vector<double> values;
    for (int i = 0; i < 5000; ++i) values.push_back((batch * 5000 + i * 37) % 3000);
    sum.add(summary_of(values));
  }
  const NumericSummary summary = sum.take();
  EXPECT_TRUE(summary.lossless());
  EXPECT_EQ(summary.at_rank(summary.count()).value, 2999);
}

TEST(NumericSummary, MeanIsExactWhateverTheOrder) {
  std::vector<double> values = {1e16, 1, -1e16, 3.5, 1e-9};
  std::sort(values.begin(), values.end());
  do {
    NumericSum sum;
    for (const double v : values) sum.add(summary_of({v}));
    EXPECT_DOUBLE_EQ(sum.take().mean(), (4.5 + 1e-9) / 5);
  } while (std::next_permutation(values.begin(), values.end()));
}

TEST(NumericSummary, SquaresThatOverflowLeaveNoDeviationButAMean) {
  const NumericSummary summary = summary_of({1e200, 3e200});
  EXPECT_DOUBLE_EQ(summary.mean(), 2e200);
  EXPECT_FALSE(std::isfinite(summary.standard_deviation()));
}

TEST(NumericSummary, QuantilesAreNearestRank) {
  std::vector<double> values(200);
  for (int i = 0; i < 200; ++i) values[i] = i + 1;
  const NumericSummary summary = summary_of(values);
  EXPECT_EQ(summary.quantile(stats::kP95).value, 190);
  EXPECT_EQ(summary.quantile(stats::kP50).value, 100);
  EXPECT_EQ(summary_of({7}).quantile(stats::kP95).value, 7);
}

TEST(NumericSummary, ComesBackAsItWasEncoded) {
  std::mt19937_64 random(10);
  for (const std::size_t n :
       {std::size_t{0}, std::size_t{1}, std::size_t{500}, std::size_t{60'000}}) {
    const NumericSummary summary = summary_of(random_values(n, random));
    const std::string bytes = bytes_of(summary);
    ByteReader in(bytes);
    EXPECT_EQ(NumericSummary::decode(in), summary);
    EXPECT_TRUE(in.done());
  }
}

TEST(NumericSummary, DamagedBytesAreNoticedOrHarmless) {
  std::mt19937_64 random(11);
  const std::string bytes = bytes_of(summary_of(random_values(300, random)));
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = bytes.substr(0, 1 + random() % bytes.size());
    damaged[random() % damaged.size()] = static_cast<char>(random());
    ByteReader in(damaged);
    const NumericSummary summary = NumericSummary::decode(in);
    EXPECT_LE(summary.cells().size(), NumericSummary::kCapacity);
  }
}

}  // namespace
}  // namespace driftguard::sketch

// SPDX-License-Identifier: Apache-2.0
#include "stats/fisher.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftguard::stats {
namespace {

// The smaller tail by adding up everything, in long double.
double brute(Proportion a, Proportion b) {
  const auto choose = [](std::uint64_t n, std::uint64_t k) {
    long double c = 1;
    for (std::uint64_t i = 1; i <= k; ++i) {
      c = c * static_cast<long double>(n - k + i) / static_cast<long double>(i);
    }
    return c;
  };
  const std::uint64_t good = a.successes + b.successes;
  const long double all = choose(a.trials + b.trials, good);
  long double below = 0;
  long double above = 0;
  for (std::uint64_t k = 0; k <= std::min(a.trials, good); ++k) {
    if (good - k > b.trials) continue;
    const long double p = choose(a.trials, k) * choose(b.trials, good - k) / all;
    if (k <= a.successes) below += p;
    if (k >= a.successes) above += p;
  }
  return std::min(1.0, 2 * static_cast<double>(std::min(below, above)));
}

TEST(Fisher, AgreesWithAddingUpEveryTable) {
  for (std::uint64_t n = 1; n <= 12; ++n) {
    for (std::uint64_t m = 1; m <= 12; ++m) {
      for (std::uint64_t k = 0; k <= n; ++k) {
        for (std::uint64_t l = 0; l <= m; ++l) {
          EXPECT_NEAR(fisher_p_value({k, n}, {l, m}), brute({k, n}, {l, m}), 1e-10)
              << k << "/" << n << " against " << l << "/" << m;
        }
      }
    }
  }
}

// As scipy.stats.fisher_exact, alternative "less" and "greater", the smaller one doubled.
TEST(Fisher, AgreesWithSciPyOnLargeCounts) {
  EXPECT_NEAR(fisher_p_value({7, 700}, {0, 1200}), 2 * 0.000903956026558157, 1e-12);
  EXPECT_NEAR(fisher_p_value({0, 50}, {60, 1200}), 2 * 0.08124358416982075, 1e-10);
}

TEST(Fisher, IsTheSameFromBothSides) {
  EXPECT_DOUBLE_EQ(fisher_p_value({3, 80}, {40, 700}), fisher_p_value({40, 700}, {3, 80}));
}

TEST(Fisher, EqualSharesOfManyTrialsAreOneProbability) {
  EXPECT_DOUBLE_EQ(fisher_p_value({500'000, 50'000'000}, {500'000, 50'000'000}), 1);
  EXPECT_DOUBLE_EQ(fisher_p_value({0, 100}, {0, 100}), 1);
  EXPECT_DOUBLE_EQ(fisher_p_value({100, 100}, {100, 100}), 1);
}

TEST(Fisher, WithoutTrialsNothingIsSaid) {
  EXPECT_DOUBLE_EQ(fisher_p_value({0, 0}, {5, 10}), 1);
  EXPECT_DOUBLE_EQ(fisher_p_value({5, 10}, {0, 0}), 1);
}

TEST(Fisher, WhatCannotBeIsZero) {
  EXPECT_EQ(fisher_p_value({0, 1'000'000}, {1'000'000, 1'000'000}), 0);
}

}  // namespace
}  // namespace driftguard::stats

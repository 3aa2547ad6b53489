// SPDX-License-Identifier: Apache-2.0
#include "load/latencies.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "load/traffic.h"

namespace driftguard::load {
namespace {

TEST(Latencies, NothingSeenIsZero) {
  EXPECT_EQ(Latencies().quantile_us(0.5), 0);
  EXPECT_EQ(Latencies().max_us(), 0);
}

TEST(Latencies, SmallValuesAreExact) {
  Latencies latencies;
  for (int us = 1; us <= 100; ++us) latencies.add(us);
  EXPECT_EQ(latencies.quantile_us(0.5), 50);
  EXPECT_EQ(latencies.quantile_us(0.99), 99);
  EXPECT_EQ(latencies.quantile_us(1), 100);
}

TEST(Latencies, LargeValuesAreAtMostOnePercentAboveTheTruth) {
  Latencies latencies;
  std::vector<std::int64_t> sorted;
  Traffic traffic({.seed = 1});
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t us = traffic.next().amount_cents * 37;
    latencies.add(us);
    sorted.push_back(us);
  }
  std::sort(sorted.begin(), sorted.end());
  for (const double q : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto truth = static_cast<double>(sorted[static_cast<std::size_t>(q * 10'000) - 1]);
    EXPECT_GE(static_cast<double>(latencies.quantile_us(q)), truth) << q;
    EXPECT_LE(static_cast<double>(latencies.quantile_us(q)), truth * 1.01) << q;
  }
}

TEST(Latencies, AbsurdValuesAreCountedAtTheEdges) {
  Latencies latencies;
  latencies.add(-5);
  latencies.add(std::int64_t{1} << 60);
  EXPECT_EQ(latencies.count(), 2);
  EXPECT_EQ(latencies.quantile_us(0.5), 0);
  EXPECT_EQ(latencies.max_us(), std::int64_t{1} << 60);
}

}  // namespace
}  // namespace driftguard::load

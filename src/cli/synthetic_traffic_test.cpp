// SPDX-License-Identifier: Apache-2.0
#include "cli/synthetic_traffic.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace driftguard::cli {
namespace {

using nlohmann::json;

constexpr Time kNow{Microseconds{1'750'000'000'123'456}};
constexpr std::uint64_t kSeeds = 50;

std::vector<json> events(TrafficKind kind, std::uint64_t count, std::uint64_t seed) {
  SyntheticTraffic traffic({kind, count, seed});
  std::vector<json> made;
  for (std::uint64_t i = 0; i < count; ++i) made.push_back(json::parse(traffic.next(kNow)));
  return made;
}

std::vector<double> amounts(const std::vector<json>& from, std::size_t begin = 0) {
  std::vector<double> values;
  for (std::size_t i = begin; i < from.size(); ++i) {
    values.push_back(from[i]["request"]["body"]["amount"].get<double>());
  }
  std::sort(values.begin(), values.end());
  return values;
}

// The largest gap between two empirical distributions, both sorted.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  const auto share = [](const std::vector<double>& values, double x) {
    const auto at = std::upper_bound(values.begin(), values.end(), x);
    return static_cast<double>(at - values.begin()) / static_cast<double>(values.size());
  };
  double d = 0;
  for (const auto* values : {&a, &b}) {
    for (const double x : *values) d = std::max(d, std::fabs(share(a, x) - share(b, x)));
  }
  return d;
}

double success_rate(const std::vector<json>& from, std::size_t begin = 0) {
  std::size_t good = 0;
  for (std::size_t i = begin; i < from.size(); ++i) good += from[i]["response"]["status"] == 200;
  return static_cast<double>(good) / static_cast<double>(from.size() - begin);
}

double p95(const std::vector<json>& from) {
  std::vector<double> values;
  for (const json& event : from) values.push_back(event["response"]["duration_ms"].get<double>());
  std::sort(values.begin(), values.end());
  return values[(values.size() * 95 + 99) / 100 - 1];
}

TEST(SyntheticTraffic, EventHasTheContractsShape) {
  const json event = events(TrafficKind::kBaseline, 1, 1)[0];
  EXPECT_EQ(event["ts"], "2025-06-15T15:06:40.123Z");
  EXPECT_EQ(event["service"], "payments_api");
  EXPECT_EQ(event["endpoint"], "POST /v2/payments");
  EXPECT_THAT(event["host"].get<std::string>(), testing::StartsWith("client-"));
  EXPECT_TRUE(event["request"]["body"]["amount"].is_number());
  EXPECT_TRUE(event["request"]["body"]["currency"].is_string());
  EXPECT_TRUE(event["response"]["duration_ms"].is_number_integer());
}

TEST(SyntheticTraffic, ServiceNamesAreEscaped) {
  SyntheticTraffic traffic({TrafficKind::kBaseline, 1, 1, "a\"b\\c"});
  EXPECT_EQ(json::parse(traffic.next(kNow))["service"], "a\"b\\c");
}

TEST(SyntheticTraffic, OneSeedGivesOneSequence) {
  EXPECT_EQ(events(TrafficKind::kSlow, 250, 7), events(TrafficKind::kSlow, 250, 7));
  EXPECT_NE(events(TrafficKind::kSlow, 250, 7), events(TrafficKind::kSlow, 250, 8));
}

TEST(SyntheticTraffic, AmountsAreLognormal) {
  std::vector<double> values = amounts(events(TrafficKind::kBaseline, 10'000, 1));
  EXPECT_NEAR(std::log(values[5000]), 4.0, 0.02);
  EXPECT_NEAR(std::log(values[8413]), 4.8, 0.02);
}

TEST(SyntheticTraffic, AHundredHoldEveryCurrencyInItsShare) {
  std::map<std::string, int> counts;
  for (const json& event : events(TrafficKind::kBaseline, 100, 3)) {
    ++counts[event["request"]["body"]["currency"].get<std::string>()];
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"USD", 70}, {"EUR", 12}, {"CAD", 18}}));
}

// What the demo relies on: the live half of a baseline looks like the whole.
TEST(SyntheticTraffic, TheLastHalfLooksLikeTheWholeForAnySeed) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto made = events(TrafficKind::kBaseline, 1200, seed);
    EXPECT_LT(distance(amounts(made), amounts(made, 599)), 0.03) << "seed " << seed;
  }
}

TEST(SyntheticTraffic, OnlyErrorsFallBelowTheSuccessRateForAnyTail) {
  for (const auto kind : {TrafficKind::kBaseline, TrafficKind::kDriftAmount, TrafficKind::kSlow}) {
    const auto made = events(kind, 1200, 1);
    EXPECT_LT(success_rate(made), 1);
    for (std::size_t i = 0; i < made.size(); ++i) EXPECT_GE(success_rate(made, i), 0.995) << i;
  }
  EXPECT_NEAR(success_rate(events(TrafficKind::kErrors, 700, 1)), 0.95, 1e-12);
}

TEST(SyntheticTraffic, OnlySlowTrafficIsSlow) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_LT(p95(events(TrafficKind::kBaseline, 700, seed)), 1500);
    EXPECT_GT(p95(events(TrafficKind::kSlow, 700, seed)), 3000);
  }
}

TEST(SyntheticTraffic, DriftedAmountsAreFarFromTheBaselineForAnySeed) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto usual = events(TrafficKind::kBaseline, 1200, seed);
    std::vector<double> live = amounts(usual, 600);
    const auto drifted = amounts(events(TrafficKind::kDriftAmount, 700, seed));
    live.insert(live.end(), drifted.begin(), drifted.end());
    std::sort(live.begin(), live.end());
    EXPECT_GT(distance(amounts(usual), live), 0.1) << "seed " << seed;
  }
}

TEST(NormalQuantile, InvertsTheDistribution) {
  for (const double p : {1e-6, 1e-4, 0.02, 0.1, 0.5, 0.7, 0.975, 0.9999}) {
    EXPECT_NEAR(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) / p, 1, 1e-7) << p;
  }
}

}  // namespace
}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#include "report/check_detail.h"

#include <gtest/gtest.h>

#include <numeric>

#include "report/examples.h"
#include "report/report_json.h"
#include "report/testing_sides.h"

namespace driftguard::report {
namespace {

std::vector<double> ramp(std::size_t count, double begin, double step = 1) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = begin + step * static_cast<double>(i);
  return values;
}

Detail detail(const TestingTraffic& live, const TestingTraffic& baseline, const std::string& name) {
  const auto kept = baseline_of(baseline);
  return *detail_of(compare(window_of(live), kept.get()), name, {}, {});
}

std::string summary(const TestingTraffic& live, const TestingTraffic& baseline,
                    const std::string& name) {
  return summary_of(detail(live, baseline, name));
}

TEST(Summary, OfAShiftTellsMedianAndTail) {
  EXPECT_EQ(summary({.numbers = {{"amount", ramp(200, 61)}}},
                    {.numbers = {{"amount", ramp(200, 1)}}}, "amount_ks"),
            "amount: median 100 -> 160; 31 % of values above the baseline's 99th percentile");
}

TEST(Summary, OfAShiftDownTellsTheOtherTail) {
  EXPECT_EQ(summary({.numbers = {{"amount", ramp(200, 1)}}},
                    {.numbers = {{"amount", ramp(200, 62)}}}, "amount_ks"),
            "amount: median 161 -> 100; 31 % of values below the baseline's 1st percentile");
}

TEST(Summary, OfAWiderSpreadTellsTheMiddleHalf) {
  EXPECT_EQ(summary({.numbers = {{"x", ramp(201, -200, 2)}}},
                    {.numbers = {{"x", ramp(201, -10, 0.1)}}}, "x_ks"),
            "x: median 0 as before, middle half -5 to 5 -> -100 to 100; 48 % of values above the "
            "baseline's 99th percentile; 48 % of values below the baseline's 1st percentile");
}

TEST(Summary, WithoutDriftSaysSo) {
  EXPECT_EQ(summary({.numbers = {{"x", ramp(100, 0)}}}, {.numbers = {{"x", ramp(100, 1)}}}, "x_ks"),
            "x: no significant change; median 50 -> 49");
}

TEST(Summary, SaysWhyThereIsNoVerdict) {
  const TestingTraffic some{.numbers = {{"x", ramp(100, 0)}}};
  EXPECT_EQ(summary({.numbers = {{"x", {5}}}}, some, "x_ks"),
            "x: too few values to judge by: 1 live, 100 in the baseline; median 49 -> 5");
  EXPECT_EQ(summary({}, some, "x_ks"), "x: no values in this window; the baseline's median is 49");
  const auto alone = detail_of(compare(window_of(some), nullptr), "x_ks", {}, {});
  EXPECT_EQ(summary_of(*alone), "x: no baseline to compare with; median 49");
}

TEST(Summary, NamesTheCategoriesThatMoved) {
  EXPECT_EQ(summary({.categories = {{"currency", {{"USD", 30}, {"EUR", 60}, {"XBT", 10}}}}},
                    {.categories = {{"currency", {{"USD", 70}, {"EUR", 25}, {"CHF", 5}}}}},
                    "currency_psi"),
            "currency: USD 70 % -> 30 %, EUR 25 % -> 60 %; new: XBT (10 %); vanished: CHF (5 %)");
}

TEST(Summary, NamesOnlyTheFirstNewCategoriesAndShortensLongNames) {
  TestingTraffic live{.categories = {{"c", {{"old", 50}}}}};
  for (int i = 0; i < 9; ++i) live.categories["c"][std::string(150, 'x') + std::to_string(i)] = 10;
  const std::string said = summary(live, {.categories = {{"c", {{"old", 50}}}}}, "c_psi");
  EXPECT_NE(said.find("6 more"), std::string::npos) << said;
  EXPECT_LT(said.size(), 400u);
}

TEST(Summary, TellsWhatIsMissing) {
  EXPECT_EQ(summary({.numbers = {{"x", ramp(100, 0)}}, .events = 200},
                    {.numbers = {{"x", ramp(100, 0)}}}, "x_ks"),
            "x: no significant change; median 49 as before, middle half 24 to 74 -> 24 to 74; "
            "missing 0 % -> 50 %");
}

TEST(Summary, OfLevelsOfServiceNamesTheTarget) {
  EXPECT_EQ(
      summary({.statuses = {0, 971, 0, 4, 25}}, {.statuses = {0, 998, 0, 0, 2}}, "success_rate"),
      "success rate 97.1 %, target 99.5 %; baseline 99.8 %; 4xx 0.4 %; 5xx 2.5 %");
  EXPECT_EQ(summary({.durations = ramp(100, 2000)}, {.durations = ramp(100, 1000)}, "latency_p95"),
            "p95 2094 ms, target 2000 ms; baseline p95 1094 ms; median 1049 -> 2049 ms; 99 % of "
            "calls slower than the target");
  EXPECT_EQ(summary({}, {}, "success_rate"), "no answers with a status in this window");
  EXPECT_EQ(summary({}, {}, "latency_p95"), "no durations in this window");
}

TEST(Detail, AnUnknownCheckIsNotFoundAndTheErrorNamesTheKnown) {
  const auto comparison = compare(window_of({.numbers = {{"x", {1}}}}), nullptr);
  const auto made = detail_of(comparison, "y_ks", {}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kNotFound);
  EXPECT_NE(made.error().detail.find("x_ks, success_rate, latency_p95"), std::string::npos);
}

TEST(Detail, ContributionsAddUpToPsi) {
  const Detail made = detail({.categories = {{"c", {{"a", 30}, {"b", 60}, {"d", 10}}}}},
                             {.categories = {{"c", {{"a", 70}, {"b", 25}, {"e", 5}}}}}, "c_psi");
  const auto& psi = std::get<PsiDetail>(made);
  const double sum =
      std::accumulate(psi.categories.begin(), psi.categories.end(), 0.0,
                      [](double all, const auto& c) { return all + *c.contribution; });
  EXPECT_NEAR(sum, *psi.check.psi, 1e-12);
  EXPECT_EQ(psi.categories.size(), 4u);
}

TEST(Detail, TheVerdictIsTheReports) {
  const auto baseline = baseline_of(
      {.numbers = {{"x", ramp(100, 0)}}, .categories = {{"c", {{"a", 70}, {"b", 30}}}}});
  const Comparison comparison =
      compare(window_of({.numbers = {{"x", ramp(100, 40)}}, .categories = {{"c", {{"a", 9}}}}}),
              baseline.get());
  for (const auto& [name, check] : make_checks(comparison, {})) {
    const auto made = detail_of(comparison, name, {}, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(text_of(check_json(check_of(*made))), text_of(check_json(check)));
  }
}

TEST(Region, LiesWhereLiveValuesAreMoreFrequent) {
  const TestingTraffic low{.numbers = {{"x", ramp(100, 0)}}};
  const TestingTraffic near{.numbers = {{"x", ramp(100, 1)}}};
  const TestingTraffic far{.numbers = {{"x", ramp(100, 40)}}};
  const auto region = [&](const TestingTraffic& live, const TestingTraffic& baseline) {
    return region_of(detail(live, baseline, "x_ks"));
  };
  EXPECT_EQ(region(far, low)->above, 98);  // The 99th percentile: 40 % lie above.
  EXPECT_EQ(region(near, low)->above, 0);  // The gap: the tail is as it was.
  EXPECT_EQ(region(low, far)->at_most, 40);
  EXPECT_FALSE(region(low, low));
  EXPECT_FALSE(region({}, low));
}

TEST(Region, OfCategoriesIsThoseThatGrewNewOnesFirst) {
  const Detail made = detail({.categories = {{"c", {{"a", 10}, {"b", 80}, {"n", 5}}}}},
                             {.categories = {{"c", {{"a", 50}, {"b", 50}}}}}, "c_psi");
  const auto region = region_of(made);
  ASSERT_TRUE(region);
  EXPECT_EQ(region->categories, (std::vector<std::string>{"n", "b"}));
  EXPECT_EQ(text_of(*region, made), "c one of: n, b");
}

TEST(Region, OfLevelsOfServiceIsWhatMissesThem) {
  EXPECT_TRUE(region_of(detail({.statuses = {0, 9, 0, 1, 0}}, {}, "success_rate"))->not_2xx);
  EXPECT_FALSE(region_of(detail({.statuses = {0, 9, 0, 0, 0}}, {}, "success_rate")));
  EXPECT_EQ(region_of(detail({.durations = {1, 3000}}, {}, "latency_p95"))->above, 2000);
  EXPECT_EQ(region_of(detail({.durations = ramp(100, 1)}, {}, "latency_p95"))->above, 95);
}

}  // namespace
}  // namespace driftguard::report

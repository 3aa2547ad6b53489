// SPDX-License-Identifier: Apache-2.0
#include "report/burn_rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace driftguard::report {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const SloWords kWords{"requests", "failed"};

// The same counts over every window.
CountsOver always(SloCounts counts) {
  return [counts](minutes) { return counts; };
}

// Counts by length of window, in minutes; 0: all longer ones.
CountsOver by_minutes(std::map<int, SloCounts> counts) {
  return [counts = std::move(counts)](minutes length) {
    const auto at = counts.find(static_cast<int>(length.count()));
    return at == counts.end() ? counts.at(0) : at->second;
  };
}

TEST(BurnRate, LevelsAreThoseOfTheWorkbook) {
  // Share of the budget = factor * long window / period (chapter 5, table 5-8).
  for (const BurnLevel& level : kBurnLevels) {
    const double period = std::chrono::duration<double>(kBudgetPeriod) / level.long_window;
    EXPECT_NEAR(level.factor / period, level.budget_share, 1e-12);
    EXPECT_EQ(level.long_window / level.short_window, 12);
    EXPECT_EQ(level.long_window % level.short_window, minutes(0));
  }
}

TEST(BurnRate, VerdictsAreThoseOfExactArithmetic) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t thousandths = 1 + random() % 60;  // Of budget.
    const std::uint64_t factor_tenths = std::array{144u, 60u, 30u, 10u}[random() % 4];
    const std::uint64_t total = 1 + random() % 1'000'000;
    const std::uint64_t edge = total * factor_tenths * thousandths / 10'000;
    const std::uint64_t failed = std::min(total, edge + random() % 3);
    const double budget = 1 - (1 - static_cast<double>(thousandths) / 1000);
    const BurnWindow window = burn_window(hours(1), {total, failed, 0}, budget,
                                          static_cast<double>(factor_tenths) / 10 * budget);
    ASSERT_EQ(window.above, failed * 10'000 > factor_tenths * thousandths * total)
        << failed << " of " << total << ", budget " << thousandths << ", " << factor_tenths;
    ASSERT_NEAR(*window.burn_rate,
                static_cast<double>(failed * 1000) / static_cast<double>(total * thousandths),
                1e-9 * *window.burn_rate);
  }
}

TEST(BurnRate, BothWindowsMustExceed) {
  const SloCounts bad{1000, 100, 0};
  const SloCounts good{1000, 1, 0};
  const auto severity = [&](const SloCounts& in_hour, const SloCounts& in_5_minutes) {
    return slo_status(0.995, by_minutes({{60, in_hour}, {5, in_5_minutes}, {0, good}})).severity();
  };
  EXPECT_EQ(severity(bad, bad), Severity::kPage);
  EXPECT_EQ(severity(good, bad), Severity::kNone);
  EXPECT_EQ(severity(bad, good), Severity::kNone);
}

TEST(BurnRate, SlowBurningIsATicket) {
  const SloStatus slo = slo_status(0.995, always({100'000, 800, 0}));  // 1.6 times.
  EXPECT_EQ(slo.severity(), Severity::kTicket);
  EXPECT_TRUE(slo.levels[3].burning());
  EXPECT_FALSE(slo.levels[2].burning());
  EXPECT_EQ(slo_status(0.995, always({100'000, 1600, 0})).levels[2].burning(), true);
  EXPECT_EQ(slo_status(0.995, always({100'000, 3100, 0})).severity(), Severity::kPage);
}

TEST(BurnRate, FewFailuresNeedAnIntervalAboveTheThreshold) {
  const double budget = 0.005;
  const double threshold = 0.072;
  const auto exceeds = [&](std::uint64_t failed, std::uint64_t total) {
    const BurnWindow window = burn_window(minutes(5), {total, failed, 0}, budget, threshold);
    EXPECT_TRUE(window.above);
    return window.exceeds;
  };
  EXPECT_FALSE(exceeds(1, 10));
  EXPECT_FALSE(exceeds(2, 10));   // Wilson: from 5.7 %.
  EXPECT_TRUE(exceeds(3, 10));    // From 10.8 %.
  EXPECT_FALSE(exceeds(9, 120));  // From 4.0 %.
  EXPECT_TRUE(exceeds(10, 120));
  EXPECT_FALSE(exceeds(1, 1));  // From 20.7 %, but a single one.
  EXPECT_TRUE(exceeds(2, 2));
}

TEST(BurnRate, BudgetLeftIsExact) {
  const SloStatus slo = slo_status(0.75, always({1000, 100, 0}));
  EXPECT_EQ(slo.left.allowed, 250);
  EXPECT_EQ(slo.left.left, 0.6);
  EXPECT_EQ(slo_status(0.75, always({1000, 500, 0})).left.left, -1.0);
  EXPECT_FALSE(slo_status(0.75, always({})).left.left);
}

TEST(BurnRate, WithoutABudgetAnyFailuresBurn) {
  const SloStatus slo = slo_status(1, always({1000, 10, 0}));
  EXPECT_EQ(slo.severity(), Severity::kPage);
  EXPECT_FALSE(slo.levels[0].long_window.burn_rate);
  EXPECT_FALSE(slo.left.left);
  EXPECT_EQ(slo_status(1, always({1000, 0, 0})).severity(), Severity::kNone);
}

TEST(BurnRate, AVeryLargeBudgetCannotBurnFast) {
  const SloStatus slo = slo_status(0.9, always({100, 100, 0}));
  EXPECT_FALSE(slo.levels[0].burning());
  EXPECT_EQ(sentence_of(slo.levels[0], slo, kWords),
            "14.4 times a budget of 10 % is more than all requests: this level cannot burn");
  EXPECT_EQ(slo.severity(), Severity::kPage);  // At 6 times it can.
}

TEST(BurnRate, DurationsAboveALimitAreCountedExactly) {
  std::vector<double> durations;
  for (int i = 1; i <= 4000; ++i) durations.push_back(i);
  rollup::Rollup rollup;
  rollup.latency_ms = sketch::NumericSummary::of(durations);
  EXPECT_EQ(latency_counts(rollup, 2000), (SloCounts{4000, 2000, 0}));
  EXPECT_EQ(latency_counts(rollup, 1999.5), (SloCounts{4000, 2001, 0}));
}

TEST(BurnRate, OfVeryManyDurationsTheUnsureAreTold) {
  std::vector<double> durations;
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    durations.push_back(std::uniform_real_distribution<double>(0, 4000)(random));
  }
  const auto above = static_cast<std::uint64_t>(
      std::count_if(durations.begin(), durations.end(), [](double d) { return d > 2000.3; }));
  rollup::Rollup rollup;
  rollup.latency_ms = sketch::NumericSummary::of(durations);
  const SloCounts counts = latency_counts(rollup, 2000.3);
  EXPECT_LE(counts.failed, above);
  EXPECT_GE(counts.failed + counts.failed_unsure, above);
  EXPECT_GT(counts.failed_unsure, 0u);
  EXPECT_LT(counts.failed_unsure, 100u);
}

// Requests at a steady rate of which the one at `failed` fails, looked at `now`, all in seconds.
CountsOver steady(std::int64_t apart, std::int64_t failed, std::int64_t now) {
  return [=](minutes length) {
    const std::int64_t from = std::max<std::int64_t>(0, now - length.count() * 60);
    const auto until = [&](std::int64_t t) { return (t + apart - 1) / apart; };
    return SloCounts{static_cast<std::uint64_t>(until(now) - until(from)),
                     from <= failed && failed < now ? 1u : 0u, 0};
  };
}

TEST(BurnRate, OneErrorOfLittleTrafficCallsNobody) {
  int above_in_both = 0;
  // Two requests a minute from moment 0 on, also right after the first of all.
  for (const std::int64_t failed : {0, 30, 3600, 86'400}) {
    for (std::int64_t now = 10; now < 4 * 86'400; now += 10) {
      const SloStatus slo = slo_status(0.995, steady(30, failed, now));
      ASSERT_EQ(slo.severity(), Severity::kNone) << failed << " at " << now;
      const BurnVerdict& page = slo.levels[0];
      if (page.long_window.above && page.short_window.above) ++above_in_both;
    }
  }
  EXPECT_GT(above_in_both, 0) << "the rule for little traffic was never needed";
}

TEST(BurnRate, LittleTrafficThatFailsForLongPages) {
  const auto all_fail = [](minutes length) {
    const auto count = static_cast<std::uint64_t>(length.count());
    return SloCounts{2 * count, std::min<std::uint64_t>(2 * count, 20), 0};
  };
  EXPECT_EQ(slo_status(0.995, all_fail).severity(), Severity::kPage);  // For ten minutes.
}

TEST(BurnRate, SentencesCarryTheirNumbers) {
  const SloStatus slo = slo_status(
      0.995, by_minutes({{60, {1200, 114, 0}}, {5, {100, 12, 0}}, {0, {90'000, 150, 0}}}));
  EXPECT_EQ(sentence_of(slo.levels[0], slo, kWords),
            "requests failed: 9.5 % in 1 h (114 of 1200) and 12 % in 5 min (12 of 100), 19 and 24 "
            "times what 99.5 % allows, beyond 14.4");
  EXPECT_EQ(sentence_of(slo.levels[3], slo, kWords),
            "requests failed: 0.167 % in 3 d (150 of 90000) and 0.167 % in 6 h (150 of 90000), "
            "0.333 and 0.333 times what 99.5 % allows, not beyond 1");
  EXPECT_THAT(sentence_of(slo, kWords),
              testing::EndsWith("; 150 of 90000 requests failed in 30 d where 450 may: 66.7 % of "
                                "the budget is left"));
  EXPECT_THAT(sentence_of(slo_status(0.75, always({1000, 500, 0})), kWords),
              testing::EndsWith("where 250 may: the budget is spent 2 times over"));
  const SloStatus few = slo_status(0.995, by_minutes({{5, {10, 1, 0}}, {0, {100, 20, 0}}}));
  EXPECT_THAT(sentence_of(few.levels[0], few, kWords),
              testing::EndsWith("too few failures in 5 min to say that it is beyond 7.2 %"));
  const SloStatus none = slo_status(0.995, always({}));
  EXPECT_EQ(sentence_of(none.levels[0], none, kWords), "no requests in 1 h");
  EXPECT_EQ(sentence_of(none, kWords), "no requests in 30 d");
}

}  // namespace
}  // namespace driftguard::report

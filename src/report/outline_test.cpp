// SPDX-License-Identifier: Apache-2.0
#include "report/outline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "report/outline_memo.h"
#include "report/testing_sides.h"
#include "stats/ks.h"

namespace driftguard::report {
namespace {

std::vector<double> ramp(std::size_t count, double begin) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = begin + static_cast<double>(i);
  return values;
}

SegmentOutline outline(const window::Window& live, const baseline::Baseline* baseline) {
  return outline_of(compare(live, baseline), {}, [](const std::string&) { return true; });
}

TEST(Outline, SeverityIsAboveOneExactlyWhereTheCheckFails) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  int failed = 0;
  for (int i = 0; i < 300; ++i) {
    std::normal_distribution<double> normal(0.3 * static_cast<double>(i % 3), 1);
    std::vector<double> live(60 + random() % 100);
    for (double& value : live) value = normal(random);
    std::vector<double> base(60 + random() % 100);
    for (double& value : base) value = std::normal_distribution<double>(0, 1)(random);
    TestingTraffic now{.numbers = {{"x", live}},
                       .categories = {{"c", {{"a", 50}, {"b", 1 + random() % 100}}}},
                       .statuses = {0, 100, 0, 0, random() % 3},
                       .durations = {static_cast<double>(random() % 4000)}};
    const TestingTraffic then{.numbers = {{"x", base}},
                              .categories = {{"c", {{"a", 50}, {"b", 50}}}}};
    const auto baseline = baseline_of(then);
    for (const Outline& check : outline(window_of(now), baseline.get()).checks) {
      ASSERT_TRUE(check.severity) << check.name;
      ASSERT_EQ(*check.severity > 1, check.state == State::kFail) << check.name;
      ASSERT_LE(*check.severity, kSeverityMax);
      failed += check.state == State::kFail ? 1 : 0;
      if (check.kind == CheckKind::kSuccessRate) continue;
      if (check.kind == CheckKind::kMissing && !check.limit) continue;
      if (check.state == State::kFail) {
        ASSERT_GE(*check.value, *check.limit) << check.name;
      } else {
        ASSERT_LE(*check.value, *check.limit) << check.name;
      }
    }
  }
  EXPECT_GT(failed, 100);
}

TEST(Outline, KsLimitIsWhereTheTestTurns) {
  for (const std::uint64_t n : {100, 1000, 20'000}) {
    const double limit = *ks_limit(n, n, 0.05);
    const auto p_value = [&](double d) {
      const double t = d * static_cast<double>(n * n);
      return stats::ks_p_value(static_cast<std::uint64_t>(t), n, n).p;
    };
    EXPECT_LT(p_value(limit * 1.05), 0.05) << n;
    EXPECT_GT(p_value(limit * 0.95), 0.05) << n;
  }
  EXPECT_FALSE(ks_limit(0, 5, 0.05));
  EXPECT_FALSE(ks_limit(5, 5, 0));
}

TEST(Outline, TooFewSamplesDoNotMoveTheLimit) {
  const auto baseline = baseline_of({.numbers = {{"x", ramp(500, 0)}}});
  const Outline check =
      outline(window_of({.numbers = {{"x", ramp(20, 1000)}}}), baseline.get()).checks.front();
  ASSERT_EQ(check.state, State::kInsufficient);
  EXPECT_EQ(check.value, 1.0);
  EXPECT_EQ(check.limit, ks_limit(20, 500, 0.05));
}

TEST(Outline, WhatIsNotAllowedAtAllIsTheWorst) {
  ReportRules rules;
  rules.slo.success_rate_min = 1;
  const auto outline = outline_of(compare(window_of({.statuses = {0, 999, 0, 0, 1}}), nullptr),
                                  rules, [](const std::string&) { return true; });
  EXPECT_EQ(outline.checks.front().severity, kSeverityMax);
  EXPECT_EQ(outline.state, State::kFail);
}

TEST(SegmentState, FollowsTheGate) {
  const auto baseline = baseline_of({.numbers = {{"x", ramp(100, 0)}}});
  const auto fine = window_of({.numbers = {{"x", ramp(100, 0)}}});
  EXPECT_EQ(outline(fine, baseline.get()).state, State::kOk);
  EXPECT_EQ(outline(fine, nullptr).state, State::kInsufficient);
  EXPECT_EQ(outline({}, baseline.get()).state, State::kInsufficient);
  const auto few = window_of({.numbers = {{"x", ramp(20, 0)}}});
  EXPECT_EQ(outline(few, baseline.get()).state, State::kInsufficient);
  const auto moved = window_of({.numbers = {{"x", ramp(100, 90)}}});
  EXPECT_EQ(outline(moved, baseline.get()).state, State::kFail);
  // Without features to compare, the levels of service are enough.
  const auto plain = baseline_of({.events = 5});
  EXPECT_EQ(outline(window_of({.statuses = {0, 9, 0, 0, 0}}), plain.get()).state, State::kOk);
}

TEST(SegmentState, AFailingLevelOfServiceNeedsNoBaseline) {
  const auto slow = window_of({.durations = {5000}});
  EXPECT_EQ(outline(slow, nullptr).state, State::kFail);
  EXPECT_EQ(worst_of(outline(slow, nullptr).checks)->name, "latency_p95");
}

TEST(OutlineMemo, EqualContentIsMadeOnce) {
  OutlineMemo memo(1000);
  const auto baseline = baseline_of({.numbers = {{"x", ramp(100, 0)}}});
  int made = 0;
  const auto get = [&](const window::Window& live, const std::string& question,
                       const baseline::BaselinePtr& against) {
    return *memo.get(live, question, against, [&]() -> Result<SegmentOutline> {
      ++made;
      return outline(live, against.get());
    });
  };
  const TestingTraffic traffic{.numbers = {{"x", ramp(70, 3)}}};
  const auto first = get(window_of(traffic), "s", baseline);
  EXPECT_EQ(get(window_of(traffic), "s", baseline), first);
  EXPECT_EQ(made, 1);
  get(window_of(traffic), "t", baseline);
  get(window_of(traffic, "other"), "s", baseline);
  get(window_of({.numbers = {{"x", ramp(71, 3)}}}), "s", baseline);
  get(window_of(traffic), "s", nullptr);
  EXPECT_EQ(made, 5);
  get(window_of(traffic), "s", baseline_of({.numbers = {{"x", ramp(100, 0)}}}));
  EXPECT_EQ(made, 6);
}

TEST(OutlineMemo, ForgetsBeyondItsBound) {
  OutlineMemo memo(10);
  for (int i = 0; i < 100; ++i) {
    const auto live = window_of({.numbers = {{"x", ramp(3, i)}}});
    ASSERT_TRUE(memo.get(live, "", nullptr,
                         [&]() -> Result<SegmentOutline> { return outline(live, nullptr); }));
    ASSERT_LE(memo.size(), 10u);
  }
}

TEST(OutlineMemo, AFailureIsNotKept) {
  OutlineMemo memo(10);
  const auto live = window_of({});
  EXPECT_FALSE(memo.get(live, "", nullptr, []() -> Result<SegmentOutline> {
    return Error{ErrorCode::kUnavailable, "away"};
  }));
  EXPECT_TRUE(
      memo.get(live, "", nullptr, []() -> Result<SegmentOutline> { return SegmentOutline(); }));
}

TEST(Fingerprint, TellsAnyDifferenceApart) {
  const TestingTraffic plain{.numbers = {{"x", {1, 2}}},
                             .categories = {{"c", {{"a", 2}}}},
                             .statuses = {0, 2, 0, 0, 0},
                             .durations = {3}};
  std::set<std::string> seen = {fingerprint_of(window_of(plain))};
  const auto add = [&](TestingTraffic changed) {
    EXPECT_TRUE(seen.insert(fingerprint_of(window_of(changed))).second);
  };
  for (int i = 0; i < 6; ++i) {
    TestingTraffic changed = plain;
    if (i == 0) changed.numbers["x"] = {1, 3};
    if (i == 1) changed.categories["c"] = {{"a", 1}, {"b", 1}};
    if (i == 2) changed.statuses = {0, 1, 1, 0, 0};
    if (i == 3) changed.durations = {4};
    if (i == 4) changed.events = 9;
    if (i == 5) changed.numbers["y"] = {};
    add(changed);
  }
  EXPECT_EQ(fingerprint_of(window_of(plain)), *seen.find(fingerprint_of(window_of(plain))));
}

}  // namespace
}  // namespace driftguard::report

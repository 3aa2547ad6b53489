// SPDX-License-Identifier: Apache-2.0
#include "report/measure_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/check_detail.h"
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

// Two sides of a feature, judged one way or another.
class Sides final {
 public:
  Sides(const TestingTraffic& live, const TestingTraffic& baseline)
      : live_(window_of(live)), baseline_(baseline_of(baseline)) {}

  Comparison judged(const Judging& judging) const {
    Comparison comparison = compare(live_, baseline_.get());
    comparison.judge_by([&](const std::string&, FeatureKind) { return judging; });
    return comparison;
  }
  Report report(const Judging& judging) const {
    Report report;
    report.checks = make_checks(judged(judging), {});
    return report;
  }
  Check check(const Judging& judging) const { return report(judging).checks.front().second; }
  MeasureCheck measure(const Judging& judging) const {
    return std::get<MeasureCheck>(check(judging));
  }

 private:
  window::Window live_;
  std::shared_ptr<const baseline::Baseline> baseline_;
};

Sides numbers(std::vector<double> live, std::vector<double> baseline) {
  return {{.numbers = {{"x", std::move(live)}}}, {.numbers = {{"x", std::move(baseline)}}}};
}

Judging by(Measure measure) {
  Judging judging;
  judging.measure = measure;
  return judging;
}

TEST(MeasureCheck, IsNamedAfterItsMeasure) {
  const Sides sides = numbers(ramp(100, 0), ramp(100, 0));
  EXPECT_EQ(sides.report(by(Measure::kCramerVonMises)).checks.front().first, "x_cramer_von_mises");
  EXPECT_EQ(sides.report(by(Measure::kPsi)).checks.front().first, "x_psi");
}

TEST(MeasureCheck, EveryMeasureSeesAShiftAndNoneSeesNothing) {
  const Sides moved = numbers(ramp(300, 100), ramp(300, 0));
  const Sides same = numbers(ramp(300, 0), ramp(300, 0));
  for (int i = 0; i <= static_cast<int>(Measure::kCramerVonMises); ++i) {
    const Judging judging = by(static_cast<Measure>(i));
    EXPECT_FALSE(is_ok(moved.check(judging))) << measure_name(judging.measure);
    EXPECT_TRUE(is_ok(same.check(judging))) << measure_name(judging.measure);
    const Outline outline = outline_of("x", moved.check(judging));
    EXPECT_EQ(kind_name(outline.kind), measure_name(judging.measure));
    EXPECT_GT(*outline.severity, 1);
    EXPECT_GE(*outline.value, *outline.limit);
    EXPECT_LE(*outline_of("x", same.check(judging)).severity, 1);
  }
}

TEST(MeasureCheck, AMutedCheckIsShownAndDoesNotFailTheReport) {
  const Sides sides = numbers(ramp(300, 100), ramp(300, 0));
  for (const Measure measure : {Measure::kKs, Measure::kPsi, Measure::kTvd}) {
    Judging judging = by(measure);
    judging.critical = true;
    EXPECT_FALSE(sides.report(judging).ok());
    judging.muted = true;
    EXPECT_TRUE(sides.report(judging).ok());
    const Json json = check_json(sides.check(judging));
    EXPECT_EQ(json.at("ok"), true);
    EXPECT_EQ(json.at("muted"), true);
    EXPECT_EQ(json.at("would_fail"), true);
    EXPECT_EQ(json.at("critical"), true);
    const Outline outline = outline_of("x", sides.check(judging));
    EXPECT_EQ(outline.state, State::kOk);
    EXPECT_EQ(*outline.severity, 1);
    EXPECT_GE(*outline.value, *outline.limit);  // The line stays where it is.
  }
}

TEST(MeasureCheck, ADirectionLooksAtOneSideAlone) {
  for (const Measure measure : {Measure::kKs, Measure::kWasserstein}) {
    Judging up = by(measure);
    up.direction = Direction::kIncrease;
    Judging down = by(measure);
    down.direction = Direction::kDecrease;
    const Sides larger = numbers(ramp(300, 100), ramp(300, 0));
    EXPECT_FALSE(is_ok(larger.check(up)));
    EXPECT_TRUE(is_ok(larger.check(down)));
    const Sides wider = numbers(ramp(300, -300, 3), ramp(300, 0));
    EXPECT_FALSE(is_ok(wider.check(up)));  // Some became larger, others smaller.
    EXPECT_FALSE(is_ok(wider.check(down)));
    EXPECT_EQ(check_json(larger.check(up)).at("direction"), "increase");
  }
}

TEST(MeasureCheck, ThresholdAndSamplesAreTheRules) {
  const Sides sides = numbers(ramp(30, 15), ramp(30, 0));
  Judging judging = by(Measure::kWasserstein);
  EXPECT_TRUE(sides.measure(judging).insufficient_samples);
  judging.samples_min = 30;
  EXPECT_FALSE(sides.measure(judging).ok);
  judging.threshold = 2;
  const MeasureCheck check = sides.measure(judging);
  EXPECT_TRUE(check.ok && !check.insufficient_samples);
  EXPECT_NEAR(*check.value, 15 / std::sqrt((30 * 30 - 1) / 12.0), 1e-12);
  EXPECT_EQ(*check.distance, 15);
}

TEST(MeasureCheck, AConstantThatMovesIsBeyondAnyThreshold) {
  const MeasureCheck moved = numbers(std::vector<double>(60, 0.3), std::vector<double>(60, 0.1))
                                 .measure(by(Measure::kWasserstein));
  EXPECT_FALSE(moved.ok);
  EXPECT_FALSE(moved.value);
  EXPECT_EQ(moved.scale, 0);
  EXPECT_TRUE(check_json(moved).at("value").is_null());
  const MeasureCheck same = numbers(std::vector<double>(60, 0.1), std::vector<double>(70, 0.1))
                                .measure(by(Measure::kWasserstein));
  EXPECT_TRUE(same.ok);
  EXPECT_EQ(same.value, 0);
}

TEST(MeasureCheck, NumbersAreBinnedByTheBaselinesQuantiles) {
  const auto check =
      std::get<PsiCheck>(numbers(ramp(1000, 1), ramp(100, 1)).check(by(Measure::kPsi)));
  EXPECT_EQ(check.edges, (std::vector<double>{10, 20, 30, 40, 50, 60, 70, 80, 90}));
  EXPECT_EQ(check.live_counts.at("(90, inf)"), 910u);
  EXPECT_EQ(check.baseline_counts.at("(-inf, 10]"), 10u);
}

TEST(MeasureCheck, OtherCategoriesWidenTheInterval) {
  std::map<std::string, std::uint64_t> live;
  std::map<std::string, std::uint64_t> baseline;
  for (int i = 0; i < 1500; ++i) {
    live["c" + std::to_string(i)] = 2;
    baseline["c" + std::to_string(i)] = 3;
  }
  const Sides sides({.categories = {{"x", live}}}, {.categories = {{"x", baseline}}});
  const MeasureCheck check = sides.measure(by(Measure::kTvd));
  EXPECT_NEAR(*check.value, 0, 1e-12);
  // 500 of 1,500 alike categories lie under __other__, where all of them may have moved.
  EXPECT_NEAR(*check.value_high, 1.0 / 3, 1e-12);
  EXPECT_TRUE(check.undecided_by_resolution);
}

TEST(MeasureCheck, WithoutABaselineThereIsNoVerdict) {
  const Comparison made = compare(window_of({.numbers = {{"x", ramp(90, 0)}}}), nullptr);
  for (const Measure measure :
       {Measure::kHellinger, Measure::kWasserstein, Measure::kCramerVonMises}) {
    FeaturePair pair = made.features().front();
    pair.judging.measure = measure;
    const auto check = std::get<MeasureCheck>(check_feature(pair, false, {}));
    EXPECT_TRUE(check.ok && check.insufficient_baseline);
    EXPECT_FALSE(check.value || check.p_value);
    EXPECT_EQ(outline_of("x", check).state, State::kInsufficient);
  }
}

TEST(MeasureDetail, OfNumbersAndOfCategoriesSaysWhatChanged) {
  const Detail of_numbers =
      *detail_of(numbers(ramp(200, 61), ramp(200, 1)).judged(by(Measure::kWasserstein)),
                 "x_wasserstein", {}, {});
  EXPECT_EQ(summary_of(of_numbers),
            "x: median 100 -> 160; 31 % of values above the baseline's 99th percentile");
  EXPECT_EQ(region_of(of_numbers)->above, 198);
  const Sides categories({.categories = {{"c", {{"a", 60}, {"b", 40}}}}},
                         {.categories = {{"c", {{"a", 90}, {"z", 10}}}}});
  const Detail of_categories =
      *detail_of(categories.judged(by(Measure::kHellinger)), "c_hellinger", {}, {});
  EXPECT_EQ(summary_of(of_categories), "c: a 90 % -> 60 %; new: b (40 %); vanished: z (10 %)");
  EXPECT_EQ(region_of(of_categories)->categories, std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "baseline/derived.h"

#include "baseline/baseline_format.h"
#include "baseline/testing_store.h"

namespace driftguard::baseline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::weeks;
using Kind = BaselineChoice::Kind;

class DerivedTest : public StoreTest {
 protected:
  Chosen choose(Kind kind, Time live_to, minutes length = minutes(30)) {
    clock_.set(live_to);
    auto chosen = book_->choose("pay", {kind, 0}, {live_to - length, live_to});
    EXPECT_TRUE(chosen) << chosen.error().detail;
    return *chosen;
  }
};

TEST_F(DerivedTest, ATrailingStretchEndsBeforeTheWindow) {
  const TimeRange live{start_ - minutes(27), start_ + minutes(3)};
  const TimeRange stretch = trailing_stretch(live, {});
  EXPECT_EQ(stretch.to, start_ - minutes(90));  // 87 minutes before, on a step.
  EXPECT_EQ(stretch.to - stretch.from, hours(24));
}

TEST_F(DerivedTest, ASeasonalStretchIsTheSameHoursOfTheWeek) {
  DerivedRules rules;
  rules.seasonal_weeks = 2;
  const auto stretches = seasonal_stretches({start_ + minutes(50), start_ + minutes(80)}, rules);
  ASSERT_TRUE(stretches);
  EXPECT_EQ(*stretches,
            (std::vector<TimeRange>{{start_ - weeks(2), start_ - weeks(2) + hours(2)},
                                    {start_ - weeks(1), start_ - weeks(1) + hours(2)}}));
  EXPECT_EQ(seasonal_stretches({start_, start_ + weeks(1) + minutes(1)}, rules).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(DerivedTest, ATrailingBaselineIsTheSumOfItsBuckets) {
  store_minutes(start_ - hours(48), start_, 10);
  const Chosen chosen = choose(Kind::kTrailing, start_);
  ASSERT_TRUE(chosen.baseline) << chosen.reason;
  const auto window =
      windows_->read({"pay", {}, {}}, {start_ - minutes(90) - hours(24), start_ - minutes(90)});
  EXPECT_EQ(rollup::encode(*chosen.baseline->total), rollup::encode(*total_of(window->total())));
  EXPECT_EQ(chosen.baseline->samples(), 24u * 60);
  EXPECT_EQ(chosen.baseline->source, Source::kTrailing);
  EXPECT_EQ(chosen.baseline->names.at("/request/body/amount"), "amount");
}

TEST_F(DerivedTest, ATrailingBaselineWarmsUp) {
  store_minutes(start_, start_ + hours(6), 10);
  const Chosen cold = choose(Kind::kTrailing, start_ + minutes(3 * 60 + 20));
  EXPECT_FALSE(cold.baseline);
  EXPECT_NE(cold.reason.find("warming up"), std::string::npos);
  EXPECT_NE(cold.reason.find("more than 2 h before"), std::string::npos);
  // It ends 90 minutes and up to ten before: two hours and one event are in it.
  EXPECT_TRUE(choose(Kind::kTrailing, start_ + minutes(3 * 60 + 40)).baseline);
}

TEST_F(DerivedTest, ASeasonalBaselineNeedsTwoWeeks) {
  store_minutes(start_ - weeks(1), start_ - weeks(1) + hours(1), 10);
  const Chosen one = choose(Kind::kSeasonal, start_ + hours(1));
  EXPECT_FALSE(one.baseline);
  EXPECT_NE(one.reason.find("in 1 of 4 weeks; 2 are needed"), std::string::npos);
  store_minutes(start_ - weeks(3), start_ - weeks(3) + hours(1), 10);
  store_minutes(start_ - days(1), start_, 1000);  // Of other hours of the week.
  const Chosen two = choose(Kind::kSeasonal, start_ + hours(1) + minutes(2), minutes(30));
  ASSERT_TRUE(two.baseline) << two.reason;
  EXPECT_EQ(two.baseline->samples(), 120u);
  EXPECT_EQ(two.baseline->total->features.at("/request/body/amount").numbers.max(), 10);
}

TEST_F(DerivedTest, BucketsUnderAlarmAndExcludedOnesAreLeftOut) {
  store_minutes(start_ - hours(48), start_ - hours(6), 10);
  store_minutes(start_ - hours(6), start_ - hours(5), 900);  // An incident.
  store_minutes(start_ - hours(5), start_ - hours(4), 700);  // A load test.
  store_minutes(start_ - hours(4), start_, 10);
  const auto worst = [&] {
    return choose(Kind::kTrailing, start_)
        .baseline->total->features.at("/request/body/amount")
        .numbers.max();
  };
  EXPECT_EQ(worst(), 900);
  alarms_ = {{start_ - hours(6), start_ - hours(5)}};
  EXPECT_EQ(worst(), 700);
  EXPECT_EQ(alarms_asked_.to, start_ - minutes(90));
  ASSERT_TRUE(exclusions_->add("pay", {start_ - hours(5), start_ - hours(4)}, "load test"));
  EXPECT_EQ(worst(), 10);  // At once, though the clock stands still.
  const auto parts = choose(Kind::kTrailing, start_).baseline->parts();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].to, start_ - hours(6));
  EXPECT_EQ(parts[1].from, start_ - hours(4));
}

TEST_F(DerivedTest, AVersionRemembersWhatItIsTheSumOf) {
  store_minutes(start_ - hours(8), start_, 10);
  const TimeRange range{start_ - hours(8), start_};
  const auto whole = book_->build("pay", range);
  ASSERT_TRUE(whole);
  EXPECT_EQ((*whole)->parts(), std::vector{range});
  const TimeRange out{start_ - hours(5), start_ - hours(4)};
  ASSERT_TRUE(book_->build("pay", range, BaselineBook::AfterBuild::kKeep, {out}));
  const auto read = baseline::decode(baseline::encode(**book_->load("pay", 2)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->parts(), (std::vector<TimeRange>{{range.from, out.from}, {out.to, range.to}}));
}

TEST_F(DerivedTest, ItIsRememberedForAMinute) {
  store_minutes(start_ - hours(48), start_, 10);
  const Chosen first = choose(Kind::kTrailing, start_);
  EXPECT_EQ(choose(Kind::kTrailing, start_).baseline, first.baseline);
  store(event(start_ - hours(5), 77));  // Late.
  EXPECT_EQ(choose(Kind::kTrailing, start_ + std::chrono::seconds(50)).baseline, first.baseline);
  const Chosen later = choose(Kind::kTrailing, start_ + std::chrono::seconds(60));
  EXPECT_EQ(later.baseline->samples(), first.baseline->samples() + 1);
}

TEST_F(DerivedTest, KeptItBecomesTheActiveVersion) {
  store_minutes(start_ - hours(48), start_, 10);
  ASSERT_TRUE(book_->build("pay", {start_ - hours(48), start_ - hours(40)}));
  const Chosen chosen = choose(Kind::kTrailing, start_);
  const auto kept = book_->keep(*chosen.baseline);
  ASSERT_TRUE(kept) << kept.error().detail;
  EXPECT_EQ((*kept)->version, 2);
  const auto active = book_->active("pay");
  EXPECT_EQ((*active)->source, Source::kStore);
  EXPECT_EQ(rollup::encode(*(*active)->total), rollup::encode(*chosen.baseline->total));
  EXPECT_EQ(*book_->roll_back("pay"), 1);
}

TEST(BaselineChoice, TextsAndChoicesAreOne) {
  for (const char* text : {"fixed", "trailing", "seasonal", "17"}) {
    const auto choice = parse_choice(text);
    ASSERT_TRUE(choice);
    EXPECT_EQ(to_string(*choice), text);
  }
  for (const char* text : {"", "0", "-1", "1x", "Fixed", "99999999999"}) {
    EXPECT_FALSE(parse_choice(text)) << text;
  }
}

}  // namespace
}  // namespace driftguard::baseline

// SPDX-License-Identifier: Apache-2.0
// Reports against baselines that age: simulated weeks of traffic, by a clock that the test moves.
#include "report/report_desk.h"

#include <utility>

#include "report/testing_traffic.h"

namespace driftguard::report {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = baseline::BaselineChoice::Kind;

class AgingTest : public TrafficTest {
 protected:
  // Six events a minute; `amount` says around what at a moment. Any hundred in a row are alike.
  template <typename Amount>
  void store_traffic(Time from, Time to, const Amount& amount) {
    constexpr int kBatch = 40'000;
    std::string lines;
    int i = 0;
    for (Time t = from; t < to; t += seconds(10)) {
      lines += fmt::format(R"({{"ts":"{}","service":"pay","endpoint":"/pay",)"
                           R"("request":{{"body":{{"amount":{:.3f}}}}},)"
                           R"("response":{{"status":200,"duration_ms":100}}}})"
                           "\n",
                           format_rfc3339(t), amount(t) + i++ * 37 % 100);
      if (i % kBatch == 0) store_lines(std::exchange(lines, {}));
    }
    store_lines(lines);
  }

  Report ask(Kind kind, Time at, int version = 0) {
    clock_.set(at);
    ReportQuery query;
    query.service = "pay";
    query.baseline = {kind, version};
    auto report = desk_->make(query);
    EXPECT_TRUE(report) << report.error().detail;
    return *report;
  }
  const KsCheck& amount_of(const Report& report) {
    return std::get<KsCheck>(report.checks.front().second);
  }
};

// A fifth of a unit an hour: over the half day by which a trailing baseline lags it is 3 of 100, in
// a week it is a third of them.
TEST_F(AgingTest, SlowDriftThatATrailingBaselineSwallowsTheFixedOneShows) {
  const auto amount = [&](Time t) {
    const double elapsed = std::chrono::duration<double, std::ratio<3600>>(t - start_).count();
    return 0.2 * std::max(0.0, elapsed - 24);
  };
  store_traffic(start_, start_ + days(8), amount);
  ASSERT_TRUE(book_->build("pay", {start_, start_ + days(1)}));
  int trailing_fails = 0;
  for (Time at = start_ + days(3); at <= start_ + days(8); at += hours(6)) {
    const Report trailing = ask(Kind::kTrailing, at);
    EXPECT_EQ(trailing.baseline->source, baseline::Source::kTrailing);
    trailing_fails += trailing.ok() ? 0 : 1;
  }
  EXPECT_EQ(trailing_fails, 0);
  EXPECT_TRUE(ask(Kind::kActive, start_ + days(1)).ok());
  const Report fixed = ask(Kind::kActive, start_ + days(8));
  EXPECT_FALSE(fixed.ok());
  EXPECT_GT(*amount_of(fixed).d, 0.3);
  EXPECT_EQ(fixed.baseline->version, 1);
}

TEST_F(AgingTest, ASuddenShiftFailsAgainstBoth) {
  store_traffic(start_, start_ + days(3),
                [&](Time t) { return t < start_ + days(3) - minutes(30) ? 0.0 : 20.0; });
  ASSERT_TRUE(book_->build("pay", {start_, start_ + days(1)}));
  EXPECT_FALSE(ask(Kind::kTrailing, start_ + days(3)).ok());
  EXPECT_FALSE(ask(Kind::kActive, start_ + days(3)).ok());
}

// What is usual at this hour of the week is not at others.
TEST_F(AgingTest, ASeasonalBaselineKnowsTheHourOfTheWeek) {
  const auto amount = [&](Time t) { return (t - start_) % days(7) < hours(4) ? 60.0 : 0.0; };
  store_traffic(start_, start_ + days(15), amount);
  ASSERT_TRUE(book_->build("pay", {start_ + days(1), start_ + days(3)}));
  const Time busy = start_ + days(14) + hours(2);
  EXPECT_FALSE(ask(Kind::kActive, busy).ok());
  EXPECT_FALSE(ask(Kind::kTrailing, busy).ok());
  EXPECT_TRUE(ask(Kind::kSeasonal, busy).ok());
}

TEST_F(AgingTest, WithTooLittleBehindItTheReportSaysSo) {
  store_traffic(start_, start_ + hours(1), [](Time) { return 0.0; });
  const Report report = ask(Kind::kTrailing, start_ + hours(1));
  EXPECT_TRUE(report.ok());
  EXPECT_FALSE(report.baseline);
  EXPECT_TRUE(amount_of(report).insufficient_baseline);
  EXPECT_NE(report.baseline_reason.find("warming up"), std::string::npos);
  EXPECT_TRUE(ask(Kind::kActive, start_ + hours(1)).baseline_reason.empty());
}

TEST_F(AgingTest, AVersionCanBeAskedForByItsNumber) {
  store_traffic(start_, start_ + hours(2),
                [&](Time t) { return t < start_ + hours(1) ? 0.0 : 50.0; });
  ASSERT_TRUE(book_->build("pay", {start_, start_ + hours(1)}));
  ASSERT_TRUE(book_->build("pay", {start_ + hours(1), start_ + hours(2)}));
  EXPECT_TRUE(ask(Kind::kActive, start_ + hours(2)).ok());
  EXPECT_TRUE(ask(Kind::kVersion, start_ + hours(2), 2).ok());
  EXPECT_FALSE(ask(Kind::kVersion, start_ + hours(2), 1).ok());
  ReportQuery query;
  query.service = "pay";
  query.baseline = {Kind::kVersion, 9};
  EXPECT_EQ(desk_->make(query).error().code, ErrorCode::kNotFound);
}

TEST_F(AgingTest, PromotedATrailingBaselineIsAFixedOne) {
  store_traffic(start_, start_ + days(2), [](Time) { return 0.0; });
  clock_.set(start_ + days(2));
  ReportQuery query;
  query.service = "pay";
  EXPECT_EQ(desk_->promote(query).error().code, ErrorCode::kInvalidArgument);
  query.baseline.kind = Kind::kTrailing;
  EXPECT_EQ(*desk_->promote(query), 1);
  EXPECT_EQ(ask(Kind::kActive, start_ + days(2)).baseline->samples, 24u * 360);
  ASSERT_TRUE(book_->build("pay", {start_, start_ + hours(1)}));
  query.baseline = {Kind::kVersion, 1};
  EXPECT_EQ(*desk_->promote(query), 1);
  query.baseline.kind = Kind::kSeasonal;
  EXPECT_EQ(desk_->promote(query).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace driftguard::report

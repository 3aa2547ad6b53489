// SPDX-License-Identifier: Apache-2.0
// Views of real traffic in an embedded store, at moments that the test chooses.
#include "report/view_desk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <numeric>

#include "report/overview_builder.h"
#include "report/overview_desk.h"
#include "report/testing_traffic.h"

namespace driftguard::report {
namespace {

using Json = nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

class ViewTest : public TrafficTest {
 protected:
  ViewTest() { views_.emplace(sources(), config_); }

  // An hour of traffic as it was, then half an hour of drift; the baseline is of the hour.
  void store_drift(const std::string& service = "pay") {
    store(service, start_, seconds(6), ramp(600, 0));
    ASSERT_TRUE(book_->build(service, {start_, start_ + minutes(60)}));
    store(service, start_ + minutes(60), seconds(6), ramp(300, 40));
    clock_.set(start_ + minutes(90));
  }

  ReportQuery last(int window_minutes) {
    ReportQuery query;
    query.service = "pay";
    query.window_minutes = window_minutes;
    return query;
  }

  OverviewBuilder builder(std::size_t trend_steps = 1000) {
    OverviewOptions options;
    options.trend_steps_a_pass = trend_steps;
    return {sources(), *views_, options};
  }

  std::optional<ViewDesk> views_;
};

TEST_F(ViewTest, EveryStepOfATimelineSaysWhatAReportOnItSays) {
  store_drift();
  const auto timeline = views_->timeline({last(90), 12, {}});
  ASSERT_TRUE(timeline) << timeline.error().detail;
  ASSERT_EQ(timeline->grid.steps, 9);
  for (std::int64_t i = 0; i < timeline->grid.steps; ++i) {
    ReportQuery query;
    query.service = "pay";
    query.range = timeline->grid.at(i);
    const auto report = desk_->make(query);
    ASSERT_TRUE(report);
    const SegmentOutline& step = timeline->steps[static_cast<std::size_t>(i)];
    EXPECT_EQ(step.samples, report->samples);
    EXPECT_EQ(step.state == State::kFail, !report->ok());
    ASSERT_EQ(step.checks.size(), report->checks.size());
    for (std::size_t c = 0; c < step.checks.size(); ++c) {
      EXPECT_EQ(step.checks[c], outline_of(report->checks[c].first, report->checks[c].second));
    }
  }
  EXPECT_EQ(timeline->steps[0].state, State::kOk);
  EXPECT_EQ(timeline->steps[8].state, State::kFail);
}

TEST_F(ViewTest, ATimelineTakesInWhatArrivesLate) {
  store_drift();
  ASSERT_TRUE(views_->timeline({last(90), 12, {}}));
  store("pay", start_ + minutes(5), seconds(1), ramp(60, 500));
  const auto timeline = views_->timeline({last(90), 12, {}});
  EXPECT_EQ(timeline->steps[0].samples, 160u);
  EXPECT_EQ(timeline->steps[0].state, State::kFail);
}

TEST_F(ViewTest, ATimelineFollowsTheActiveBaseline) {
  store_drift();
  ASSERT_EQ(views_->timeline({last(90), 12, {}})->steps[8].state, State::kFail);
  ASSERT_TRUE(book_->build("pay", {start_ + minutes(60), start_ + minutes(90)}));
  const auto timeline = views_->timeline({last(90), 12, {}});
  EXPECT_EQ(timeline->steps[0].state, State::kFail);
  EXPECT_EQ(timeline->steps[8].state, State::kOk);
}

TEST_F(ViewTest, ATimelineOfOneCheckHasNoOther) {
  store_drift();
  const auto timeline = views_->timeline({last(90), 500, "amount_ks"});
  ASSERT_TRUE(timeline);
  EXPECT_EQ(rows_of(*timeline, 10).rows.size(), 1u);
  const auto unknown = views_->timeline({last(90), 5, "other_ks"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
}

TEST_F(ViewTest, OfVeryManyFeaturesTheWorstAreCompared) {
  std::string features = R"("drifting":1)";
  for (int i = 0; i < 300; ++i) features += fmt::format(R"(,"f{:03}":1)", i);
  store("pay", start_, seconds(6), ramp(100, 0), features);
  ASSERT_TRUE(book_->build("pay", {start_, start_ + minutes(10)}));
  features.replace(features.find(":1"), 2, ":2");
  store("pay", start_ + minutes(10), seconds(6), ramp(100, 0), features);
  clock_.set(start_ + minutes(20));
  const auto timeline = views_->timeline({last(20), 500, {}});
  ASSERT_TRUE(timeline);
  const TimelineRows rows = rows_of(*timeline, kTimelineFeaturesMax);
  EXPECT_LE(rows.rows.size(), 202u);
  EXPECT_TRUE(std::any_of(rows.rows.begin(), rows.rows.end(),
                          [](const TimelineRow& row) { return row.name == "drifting_ks"; }));
}

TEST_F(ViewTest, AWindowByHostTooLargeToReadIsRefused) {
  store("pay", start_, seconds(1), ramp(1500, 0));
  clock_.set(start_ + minutes(30));
  ReportQuery query = last(30);
  query.host = "h1";
  const auto timeline = views_->timeline({query, 30, {}});
  ASSERT_FALSE(timeline);
  EXPECT_EQ(timeline.error().code, ErrorCode::kTooLarge);
  query.window_minutes = 10;
  EXPECT_EQ(views_->timeline({query, 30, {}})->steps.size(), 30u);
}

TEST_F(ViewTest, ExamplesAreTheLatestOfTheRegion) {
  store_drift();
  const auto examples = views_->examples(last(30), "amount_ks", 5);
  ASSERT_TRUE(examples) << examples.error().detail;
  ASSERT_EQ(examples->found.examples.size(), 5u);
  Time before = kLatest;
  for (const Example& example : examples->found.examples) {
    EXPECT_LT(example.ts, before);
    before = example.ts;
    EXPECT_GT(std::stod(example.value), *examples->region->above);
  }
  const Time newest = examples->found.examples.front().ts;
  for (int i = 299; i >= 0; --i) {  // By brute force.
    if (40 + i % 60 <= *examples->region->above) continue;
    EXPECT_EQ(newest, start_ + minutes(60) + seconds(6) * i);
    break;
  }
}

TEST_F(ViewTest, ExamplesKeepToTheHost) {
  store_drift();
  ReportQuery query = last(30);
  query.host = "h1";
  const auto examples = views_->examples(query, "amount_ks", 50);
  ASSERT_TRUE(examples);
  ASSERT_FALSE(examples->found.examples.empty());
  for (const Example& example : examples->found.examples) {
    EXPECT_EQ(Json::parse(example.event)["host"], "h1");
  }
}

TEST_F(ViewTest, ExamplesHideWhatIsRedactedByNow) {
  store("pay", start_, seconds(6), ramp(100, 0), R"("card":"4111")");
  ASSERT_TRUE(book_->build("pay", {start_, start_ + minutes(10)}));
  store("pay", start_ + minutes(10), seconds(6), ramp(100, 90), R"("card":"4222")");
  clock_.set(start_ + minutes(20));
  const auto examples = views_->examples(last(10), "amount_ks", 3);
  ASSERT_EQ(examples->found.examples.size(), 3u);
  EXPECT_EQ(Json::parse(examples->found.examples[0].event)["request"]["body"]["card"],
            "[redacted]");
  const auto of_the_secret = views_->examples(last(10), "card_psi", 3);
  ASSERT_TRUE(of_the_secret);
  EXPECT_TRUE(of_the_secret->found.examples.empty());
}

TEST_F(ViewTest, ASearchForExamplesEndsAtItsBound) {
  store_drift();
  ExamplesQuery query;
  query.rows = {"pay", {}, {start_, start_ + minutes(90)}, 50};
  Region nowhere;
  nowhere.above = 1e9;
  const auto found = find_examples(*store_, rules_, query, nowhere, "/request/body/amount");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->end.scanned, 50u);
  EXPECT_FALSE(found->end.complete);
  query.rows.rows_max = 5000;
  const auto all = find_examples(*store_, rules_, query, nowhere, "/request/body/amount");
  EXPECT_EQ(all->end.scanned, 900u);
  EXPECT_TRUE(all->end.complete);
}

TEST_F(ViewTest, ExamplesKeepToTheirBytes) {
  store("pay", start_, seconds(1), ramp(50, 1),
        fmt::format(R"("note":"{}")", std::string(1000, 'x')));
  ExamplesQuery query;
  query.rows = {"pay", {}, {start_, start_ + minutes(5)}, 5000};
  query.limit = 40;
  query.bytes_max = 5000;
  Region any;
  any.above = 0;
  const auto found = find_examples(*store_, rules_, query, any, "/request/body/amount");
  EXPECT_EQ(found->examples.size(), 4u);
  EXPECT_EQ(found->examples.front().ts, start_ + seconds(49));
  query.bytes_max = 1;
  EXPECT_EQ(find_examples(*store_, rules_, query, any, "/request/body/amount")->examples.size(),
            1u);
}

TEST_F(ViewTest, RecentRowsAreEachReadOnceTheLatestChunkFirst) {
  store_drift();
  std::vector<Time> seen;
  std::vector<Time> chunk;
  const auto take = [&] {
    seen.insert(seen.end(), chunk.rbegin(), chunk.rend());
    chunk.clear();
  };
  const auto end = read_recent_rows(*store_, {"pay", {}, {start_, start_ + minutes(90)}, 20'000},
                                    [&](const RecentRowsPage& page) {
                                      if (page.new_chunk) take();
                                      for (const auto& row : page.rows) chunk.push_back(row.ts);
                                      return true;
                                    });
  take();
  ASSERT_TRUE(end);
  EXPECT_EQ(seen.size(), 900u);
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
}

TEST_F(ViewTest, HostsAreCounted) {
  store_drift();
  const auto hosts = views_->hosts(last(30));
  ASSERT_TRUE(hosts);
  EXPECT_EQ(hosts->hosts,
            (std::vector<std::pair<std::string, std::uint64_t>>{{"h0", 150}, {"h1", 150}}));
}

TEST_F(ViewTest, AnOverviewsRowsAreReports) {
  store_drift("pay");
  store("calm", start_ + minutes(70), seconds(6), ramp(100, 0), R"("x":"y")", "/a");
  store("calm", start_ + minutes(70), seconds(6), ramp(50, 0), R"("x":"y")", "/b");
  auto made = builder();
  const auto overview = made.build();
  ASSERT_TRUE(overview) << overview.error().detail;
  ASSERT_EQ((*overview)->services.size(), 2u);
  const OverviewService& worst = *(*overview)->services[0];
  EXPECT_EQ(worst.row.name, "pay");
  EXPECT_EQ(worst.row.outline->state, State::kFail);
  EXPECT_EQ(worst.baseline_version, 1);
  EXPECT_EQ(worst_of(worst.row.outline->checks)->name, "amount_ks");
  const auto report = desk_->make(last(30));
  EXPECT_EQ(worst.row.outline->samples, report->samples);
  const OverviewService& calm = *(*overview)->services[1];
  EXPECT_EQ(calm.row.outline->state, State::kInsufficient);
  ASSERT_EQ(calm.endpoints.size(), 2u);
  EXPECT_EQ(calm.endpoints[0].outline->samples + calm.endpoints[1].outline->samples, 150u);
  ASSERT_TRUE(worst.row.trend);
  EXPECT_EQ(worst.row.trend->samples.size(), 24u);
  EXPECT_EQ(std::accumulate(worst.row.trend->samples.begin(), worst.row.trend->samples.end(), 0ull),
            900u);
  EXPECT_EQ(worst.row.trend->states[22], State::kFail);
}

TEST_F(ViewTest, AnOverviewOfNothingNewIsTheLastOne) {
  store_drift();
  auto made = builder();
  const auto first = made.build();
  clock_.advance(seconds(3));
  EXPECT_EQ(*made.build(), *first);
  store("pay", start_ + minutes(89), seconds(6), {1});
  EXPECT_NE(*made.build(), *first);
}

TEST_F(ViewTest, TrendsComeByAndByAndFollowTheClock) {
  store_drift("pay");
  store_drift("second");
  auto made = builder(30);
  EXPECT_FALSE((*made.build())->services[1]->row.trend);
  EXPECT_TRUE((*made.build())->services[1]->row.trend);
  const auto before = *(*made.build())->services[1]->row.trend;
  clock_.advance(minutes(15));
  const auto after = *(*made.build())->services[1]->row.trend;
  EXPECT_EQ(before.samples[22], 150u);
  EXPECT_EQ(after.samples[21], 150u);
  EXPECT_EQ(after.states[21], before.states[22]);
  EXPECT_EQ(after.samples[23], 0u);
}

TEST_F(ViewTest, LateEventsReachATrend) {
  store_drift();
  auto made = builder();
  const auto before = *(*made.build())->services[0]->row.trend;
  store("pay", start_ + minutes(1), seconds(1), ramp(10, 0));
  EXPECT_EQ(*(*made.build())->services[0]->row.trend, before);
  clock_.advance(seconds(30));
  const auto after = *(*made.build())->services[0]->row.trend;
  EXPECT_EQ(std::accumulate(after.samples.begin(), after.samples.end(), 0ull), 910u);
}

TEST_F(ViewTest, ANewServiceJoinsTheOverview) {
  auto made = builder();
  EXPECT_EQ((*made.build())->totals.services, 0u);
  store("pay", start_, seconds(1), {1});
  EXPECT_EQ((*made.build())->totals.services, 1u);
}

TEST_F(ViewTest, TheOverviewDeskAnswersEverybodyWhoAsks) {
  store_drift();
  OverviewDesk desk(sources(), *views_);
  std::vector<std::future<OverviewPtr>> answers;
  for (int i = 0; i < 20; ++i) {
    auto promise = std::make_shared<std::promise<OverviewPtr>>();
    answers.push_back(promise->get_future());
    desk.ask(30, [promise](const Result<OverviewPtr>& made) { promise->set_value(*made); });
  }
  const OverviewPtr first = answers.front().get();
  EXPECT_EQ(first->totals.fail, 1u);
  for (std::size_t i = 1; i < answers.size(); ++i) EXPECT_EQ(answers[i].get(), first);
}

TEST_F(ViewTest, TheOverviewDeskForgetsWindowsThatNobodyLooksAt) {
  store_drift();
  OverviewDesk desk(sources(), *views_);
  for (int window = 1; window <= 12; ++window) {
    std::promise<int> answered;
    desk.ask(window, [&](const Result<OverviewPtr>& made) {
      answered.set_value(made ? (*made)->window_minutes : 0);
    });
    EXPECT_EQ(answered.get_future().get(), window);
  }
}

}  // namespace
}  // namespace driftguard::report

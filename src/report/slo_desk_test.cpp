// SPDX-License-Identifier: Apache-2.0
#include "report/slo_desk.h"

#include <random>

#include "report/testing_traffic.h"

namespace driftguard::report {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Answer {
  Time ts;
  std::string endpoint;
  int status;
  int duration_ms;
};

class SloTest : public TrafficTest {
 protected:
  SloTest() { slo_.emplace(sources(), config_); }

  void send(const std::vector<Answer>& answers) {
    std::string lines;
    for (const Answer& answer : answers) {
      lines += fmt::format(R"({{"ts":"{}","service":"pay","endpoint":"{}",)"
                           R"("response":{{"status":{},"duration_ms":{}}}}})"
                           "\n",
                           format_rfc3339(answer.ts), answer.endpoint, answer.status,
                           answer.duration_ms);
    }
    store_lines(lines);
  }
  // `count` answers from `begin` on, the first `failed` of which fail and are slow.
  void send(Time begin, seconds apart, int count, int failed) {
    std::vector<Answer> answers;
    for (int i = 0; i < count; ++i) {
      answers.push_back(
          {begin + i * apart, "/pay", i < failed ? 500 : 200, i < failed ? 2001 : 2000});
    }
    send(answers);
  }

  SloView view(std::optional<std::string> endpoint = {}) {
    auto made = slo_->make({"pay", std::move(endpoint), {}});
    EXPECT_TRUE(made) << made.error().detail;
    return *made;
  }

  std::optional<SloDesk> slo_;
};

SloCounts count(const std::vector<Answer>& answers, const std::string& endpoint, TimeRange range,
                bool (*failed)(const Answer&)) {
  SloCounts counts;
  for (const Answer& answer : answers) {
    if (!range.contains(answer.ts) || (!endpoint.empty() && answer.endpoint != endpoint)) continue;
    ++counts.total;
    if (failed(answer)) ++counts.failed;
  }
  return counts;
}

TEST_F(SloTest, EveryWindowCountsWhatTheEventsSay) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  const Time to = start_ + days(40);
  std::vector<Answer> answers;
  for (int i = 0; i < 3000; ++i) {
    // As many in each order of magnitude of age, and some on the edges of windows.
    const double age = std::pow(10, std::uniform_real_distribution<double>(0, 6.5)(random));
    const bool edge = random() % 4 == 0;
    const auto back = edge ? minutes(5) * (1 + random() % 12) : seconds(static_cast<int>(age));
    answers.push_back({to - back, random() % 3 == 0 ? "/other" : "/pay",
                       random() % 5 == 0 ? 503 : 201, static_cast<int>(random() % 4000)});
  }
  send(answers);
  clock_.set(to);
  for (const std::string endpoint : {"", "/pay"}) {
    const SloView made = view(endpoint.empty() ? std::nullopt : std::optional(endpoint));
    const auto expect = [&](const BurnWindow& window, bool (*failed)(const Answer&)) {
      EXPECT_EQ(window.counts, count(answers, endpoint, {to - window.length, to}, failed));
    };
    for (std::size_t i = 0; i < kBurnLevels.size(); ++i) {
      for (auto window : {&BurnVerdict::long_window, &BurnVerdict::short_window}) {
        expect(made.success_rate.levels[i].*window,
               [](const Answer& a) { return a.status != 201; });
        expect(made.latency.levels[i].*window,
               [](const Answer& a) { return a.duration_ms > 2000; });
      }
    }
    EXPECT_EQ(made.success_rate.left.counts,
              count(answers, endpoint, {to - days(30), to},
                    [](const Answer& a) { return a.status != 201; }));
  }
}

TEST_F(SloTest, WhereChangesAreNotToldThePastIsRememberedForTenMinutes) {
  const Time to = start_ + days(40);
  send(to - hours(1), seconds(60), 50, 0);
  send(to - days(20), seconds(60), 50, 1);
  clock_.set(to);
  EXPECT_EQ(view().success_rate.left.counts, (SloCounts{100, 1, 0}));
  send(to - days(10), seconds(60), 50, 2);
  clock_.set(to + minutes(9));
  EXPECT_EQ(view().success_rate.left.counts, (SloCounts{100, 1, 0}));
  clock_.set(to + minutes(10));
  EXPECT_EQ(view().success_rate.left.counts, (SloCounts{150, 3, 0}));
  EXPECT_EQ(view().latency.left.counts, (SloCounts{150, 3, 0}));
}

TEST_F(SloTest, AnOutagePagesAndIsForgivenWhenItIsOver) {
  send(start_, seconds(6), 6000, 0);  // Ten hours.
  const Time outage = start_ + hours(10);
  send(outage, seconds(6), 100, 100);  // Ten minutes.
  clock_.set(outage + minutes(2));
  EXPECT_EQ(view().severity(), Severity::kNone);  // 20 of 600 in the hour: 3.3 %.
  clock_.set(outage + minutes(8));
  const SloView burning = view();
  EXPECT_EQ(burning.success_rate.severity(), Severity::kPage);
  // All were slow too, but 14.4 times a budget of 5 % are 72 %.
  EXPECT_FALSE(burning.latency.levels[0].burning());
  send(outage + minutes(10), seconds(6), 200, 0);
  clock_.set(outage + minutes(15));
  EXPECT_FALSE(view().success_rate.levels[0].burning());
}

TEST_F(SloTest, TheConfiguredTargetsCount) {
  config_.slo_success_min = 0.9;
  config_.slo_p95_max = 100;
  slo_.emplace(sources(), config_);
  send(start_, seconds(1), 60, 3);
  clock_.set(start_ + minutes(1));
  const SloView made = view();
  EXPECT_EQ(made.success_rate.objective, 0.9);
  EXPECT_EQ(made.latency_limit_ms, 100);
  EXPECT_EQ(made.latency.left.counts.failed, 60u);
}

TEST_F(SloTest, SilenceIsNoticedAgainstTheBaseline) {
  EXPECT_EQ(view().volume.state, VolumeState::kInsufficientBaseline);
  send(start_, seconds(5), 1440, 0);  // Two hours, 60 in five minutes.
  ASSERT_TRUE(book_->build("pay", {start_, start_ + hours(2)}));
  clock_.set(start_ + hours(2));
  EXPECT_EQ(view().volume.state, VolumeState::kUsual);
  EXPECT_EQ(view().volume.events, 60u);
  EXPECT_EQ(view().volume.expected, 60);
  EXPECT_EQ(view().volume.stretches, 24u);
  clock_.set(start_ + hours(2) + minutes(3));
  EXPECT_EQ(view().volume.state, VolumeState::kLow);  // 24 where 37 are the least.
  clock_.set(start_ + hours(2) + minutes(5));
  EXPECT_EQ(view().volume.state, VolumeState::kSilent);
  EXPECT_EQ(view("/other").volume.state, VolumeState::kInsufficientBaseline);
}

TEST_F(SloTest, ANewBaselineBringsItsOwnVolume) {
  send(start_, seconds(5), 1440, 0);
  ASSERT_TRUE(book_->build("pay", {start_, start_ + hours(2)}));
  send(start_ + hours(2), seconds(1), 7200, 0);
  clock_.set(start_ + hours(4));
  EXPECT_EQ(view().volume.state, VolumeState::kHigh);
  ASSERT_TRUE(book_->build("pay", {start_ + hours(2), start_ + hours(4)}));
  EXPECT_EQ(view().volume.state, VolumeState::kUsual);
}

TEST_F(SloTest, OfALongBaselineStretchesAreTakenEvenly) {
  send(start_, minutes(1), 3 * 1440, 0);  // Three days.
  ASSERT_TRUE(book_->build("pay", {start_, start_ + days(3)}));
  clock_.set(start_ + days(3));
  const VolumeStatus volume = view().volume;
  EXPECT_EQ(volume.stretches, 288u);
  EXPECT_EQ(volume.expected, 5);
}

}  // namespace
}  // namespace driftguard::report

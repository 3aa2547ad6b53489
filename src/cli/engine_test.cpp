// SPDX-License-Identifier: Apache-2.0
// The property everything rests on: what windows say is what the events say. Random traffic, late
// and out of order, over bucket edges, after compaction, after sums were made and after a restart;
// on every store.
#include "cli/engine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <future>
#include <random>

#include "rollup/bucket.h"
#include "rollup/row_fold.h"
#include "store/postgres/testing_server.h"

namespace driftguard::cli {
namespace {

struct Sent {
  Time ts;
  std::string endpoint;
  std::string host;
  std::optional<int> status;
  std::optional<double> duration_ms;
  std::optional<double> amount;
  std::string currency;  // Empty: absent.
};

std::string json_of(const Sent& event) {
  std::string body;
  if (event.amount) body += fmt::format("\"amount\":{}", *event.amount);
  if (!event.currency.empty()) {
    body += fmt::format("{}\"currency\":\"{}\"", body.empty() ? "" : ",", event.currency);
  }
  std::string response;
  if (event.status) response += fmt::format("\"status\":{}", *event.status);
  if (event.duration_ms) {
    response +=
        fmt::format("{}\"duration_ms\":{}", response.empty() ? "" : ",", *event.duration_ms);
  }
  const std::string head = fmt::format(R"("ts":"{}","service":"pay","endpoint":"{}","host":"{}")",
                                       format_rfc3339(event.ts), event.endpoint, event.host);
  return fmt::format(R"({{{},"request":{{"body":{{{}}}}},"response":{{{}}}}})", head, body,
                     response);
}

// The window by brute force: every event looked at.
rollup::Rollup brute_force(const std::vector<Sent>& events, const window::Segment& segment,
                           TimeRange range) {
  rollup::Rollup rollup;
  std::vector<double> amounts, durations;
  std::vector<sketch::Category> currencies;
  std::vector<sketch::Category> hosts;
  rollup::RowFold rows;  // All as one bucket.
  for (const Sent& event : events) {
    if (!range.contains(event.ts)) continue;
    if (segment.endpoint && event.endpoint != *segment.endpoint) continue;
    if (segment.host && event.host != *segment.host) continue;
    ++rollup.events;
    if (event.status) ++rollup.statuses[static_cast<std::size_t>(*event.status) / 100 - 1];
    if (event.duration_ms) durations.push_back(*event.duration_ms);
    if (event.amount) amounts.push_back(*event.amount);
    if (!event.currency.empty()) currencies.push_back({event.currency, 1});
    rows.begin(event.ts, std::bit_cast<std::uint64_t>(event.duration_ms.value_or(0)));
    if (event.duration_ms) rows.duration(*event.duration_ms);
    if (event.status) rows.status(*event.status);
    rows.host(event.host);
    hosts.push_back({event.host, 1});
    if (event.amount) rows.number(0, *event.amount);
    if (!event.currency.empty()) rows.text(1, event.currency);
    rows.end();
  }
  rollup.latency_ms = sketch::NumericSummary::of(durations);
  if (!amounts.empty()) {
    rollup.features["/request/body/amount"].numbers = sketch::NumericSummary::of(amounts);
  }
  if (!currencies.empty()) {
    rollup.features["/request/body/currency"].texts = sketch::CategoryCounts::of(currencies);
  }
  rollup.hosts = sketch::CategoryCounts::of(hosts);
  const std::vector<sketch::Column> columns = rollup::sampled_columns(rollup);
  rollup::RowFold::Places places;
  for (const auto pointer : {"/request/body/amount", "/request/body/currency"}) {
    places.push_back(rollup::find_feature(columns, pointer).value_or(rollup::RowFold::kNowhere));
  }
  rollup.rows = rows.take(columns, places);
  return rollup;
}

class EngineTest : public ::testing::TestWithParam<const char*> {
 protected:
  EngineTest()
      : seed_(std::random_device{}()),
        random_(seed_),
        directory_(std::filesystem::temp_directory_path() /
                   fmt::format("dg_engine_{}", ::getpid())) {
    if (GetParam() == std::string("postgresql")) {
      server_ = std::make_unique<store::TestingServer>();
      config_.database_url = server_->create_database();
    } else {
      config_.database_url = "rocksdb:" + directory_.string();
    }
    restart();
  }
  ~EngineTest() override {
    engine_.reset();
    std::filesystem::remove_all(directory_);
  }

  void restart() {
    engine_.reset();
    auto engine = make_engine(config_);
    ASSERT_TRUE(engine) << engine.error().detail;
    engine_ = std::move(*engine);
  }

  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  // Times cluster on bucket edges; values cluster on ties.
  Sent random_event() {
    Sent event;
    event.ts = start_ + std::chrono::seconds(random_() % span_seconds_);
    if (uniform() < 0.3) event.ts = rollup::bucket_of(event.ts);
    if (uniform() < 0.3) event.ts += std::chrono::microseconds(random_() % 10'000'000);
    if (uniform() < 0.1) event.ts = rollup::bucket_of(event.ts) - std::chrono::microseconds(1);
    event.endpoint = "/e" + std::to_string(random_() % 3);
    event.host = "h" + std::to_string(random_() % 2);
    if (uniform() < 0.9) event.status = uniform() < 0.9 ? 200 : 500;
    if (uniform() < 0.8) event.duration_ms = std::floor(uniform() * 300);
    if (uniform() < 0.9)
      event.amount = uniform() < 0.5 ? std::floor(uniform() * 20) : uniform() * 1e3;
    if (uniform() < 0.9) event.currency = fmt::format("C{}", random_() % 5);
    return event;
  }

  // Sends `count` random events in batches of random sizes, several at a time.
  void send(std::size_t count) {
    std::vector<std::future<ingest::IngestAnswer>> answers;
    while (count > 0) {
      const std::size_t size = std::min<std::size_t>(count, 1 + random_() % 150);
      std::string body;
      for (std::size_t i = 0; i < size; ++i) {
        events_.push_back(random_event());
        body += json_of(events_.back()) + "\n";
      }
      auto promise = std::make_shared<std::promise<ingest::IngestAnswer>>();
      answers.push_back(promise->get_future());
      engine_->pipeline.ingest(
          {body, ingest::BodyFormat::kLines, false, {}},
          [promise](ingest::IngestAnswer a) { promise->set_value(std::move(a)); });
      count -= size;
    }
    for (auto& answer : answers) {
      EXPECT_EQ(answer.get().outcome, ingest::IngestOutcome::kStored);
    }
  }

  // What the housekeeper does, for all that lies before.
  void settle(Time before) {
    constexpr std::size_t kStep = 100;
    const auto compacted = engine_->store->compact(before);
    ASSERT_TRUE(compacted) << compacted.error().detail;
    Result<std::size_t> tried = kStep;
    while (tried && *tried == kStep) tried = engine_->store->make_sums(before, kStep);
    ASSERT_TRUE(tried) << tried.error().detail;
  }
  Time random_time() { return start_ + std::chrono::seconds(random_() % span_seconds_); }

  void expect_windows_to_agree(int windows) {
    SCOPED_TRACE(testing::Message() << "seed " << seed_);
    for (int i = 0; i < windows; ++i) {
      window::Segment segment{"pay", {}, {}};
      if (uniform() < 0.4) segment.endpoint = "/e" + std::to_string(random_() % 3);
      if (uniform() < 0.2) segment.host = "h" + std::to_string(random_() % 2);
      const Time from = start_ + std::chrono::milliseconds(random_() % (1000 * span_seconds_)) -
                        std::chrono::seconds(10);
      const TimeRange range{
          from, from + std::chrono::milliseconds(1 + random_() % (750 * span_seconds_))};
      auto window = engine_->windows.read(segment, range);
      ASSERT_TRUE(window) << window.error().detail;
      ASSERT_EQ(window->range, rollup::whole_buckets(range));
      ASSERT_EQ(rollup::encode(window->total()),
                rollup::encode(brute_force(events_, segment, window->range)));
    }
  }

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  const Time start_ = *parse_rfc3339("2025-03-01T00:45:00Z");
  const std::filesystem::path directory_;
  std::unique_ptr<store::TestingServer> server_;
  Config config_;
  std::unique_ptr<Engine> engine_;
  std::vector<Sent> events_;
  std::uint64_t span_seconds_ = 2000;  // Of the events.
};

TEST_P(EngineTest, WindowsSayWhatTheEventsSay) {
  for (int round = 0; round < 4; ++round) {
    send(1500);
    expect_windows_to_agree(12);
  }
}

TEST_P(EngineTest, WindowsStayTheSameAfterCompactionAndRestart) {
  send(2000);
  expect_windows_to_agree(5);
  ASSERT_TRUE(engine_->store->compact(start_ + std::chrono::seconds(900)));
  expect_windows_to_agree(10);
  restart();
  expect_windows_to_agree(10);
  send(1000);  // Late ones among them, into merged buckets.
  expect_windows_to_agree(10);
  ASSERT_TRUE(engine_->store->compact(kLatest));
  restart();
  expect_windows_to_agree(10);
}

TEST_P(EngineTest, LongWindowsStayTheSameWhateverSumsThereAre) {
  span_seconds_ = 50 * 3600;
  for (int round = 0; round < 5; ++round) {
    send(400);  // From the second time on most of them are late.
    expect_windows_to_agree(6);
    settle(random_time());
    if (round % 2) restart();
    expect_windows_to_agree(6);
  }
  settle(kLatest);
  EXPECT_GT(engine_->store->figures().at("sums_made"), 0);
  expect_windows_to_agree(6);
  restart();
  expect_windows_to_agree(12);
}

TEST_P(EngineTest, WindowsStayTheSameWhileSumsAreMadeAndVoided) {
  span_seconds_ = 3 * 3600;
  std::atomic<bool> done = false;
  std::thread housekeeper([&] {
    while (!done) settle(kLatest);
  });
  for (int i = 0; i < 8; ++i) {
    send(150);
    expect_windows_to_agree(4);
  }
  done = true;
  housekeeper.join();
  settle(kLatest);
  expect_windows_to_agree(10);
}

TEST_P(EngineTest, WindowsReadWhileEventsArriveAreNeverKeptStale) {
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      auto window =
          engine_->windows.read({"pay", {}, {}}, {start_, start_ + std::chrono::hours(1)});
      ASSERT_TRUE(window) << window.error().detail;
    }
  });
  for (int i = 0; i < 20; ++i) send(200);
  done = true;
  reader.join();
  expect_windows_to_agree(20);
}

TEST_P(EngineTest, ABaselineIsTheSumOfItsWindowAlsoAfterARestart) {
  send(1500);
  auto built = engine_->baselines.build("pay", {start_, start_ + std::chrono::seconds(1000)});
  ASSERT_TRUE(built) << built.error().detail;
  restart();
  auto active = engine_->baselines.active("pay");
  ASSERT_TRUE(active && *active);
  EXPECT_EQ((*active)->version, 1);
  EXPECT_EQ((*active)->names.at("/request/body/amount"), "amount");
  EXPECT_EQ(*(*active)->total,
            *baseline::total_of(brute_force(events_, {"pay", {}, {}}, (*active)->range)));
}

class RetentionTest : public EngineTest {
 protected:
  // A pass `days` after the hour that half of the events lie before.
  store::RetentionFigures pass(store::RetentionRules rules, int days) {
    const ManualClock clock(cut_ + std::chrono::days(days) + std::chrono::minutes(59));
    store::Retention retention(*engine_->store, clock, rules, [this](Time before) {
      if (engine_->tree) engine_->tree->forget(before);
      engine_->pipeline.recount_segments();
    });
    std::atomic<bool> stop = false;
    const auto done = retention.pass(stop);
    EXPECT_TRUE(done) << done.error().detail;
    return retention.figures();
  }
  std::uint64_t forget_old_events() {
    return std::erase_if(events_, [this](const Sent& event) { return event.ts < cut_; });
  }
  std::size_t rows_stored() {
    store::RowQuery query{{}, {}, {kEarliest, kLatest}, {}};
    query.rows_max = 1'000'000;
    query.bytes_max = 1u << 30;
    const auto page = engine_->store->read_rows(query);
    return page ? page->rows.size() : 0;
  }
  rollup::Rollup total(TimeRange range) {
    auto window = engine_->windows.read({"pay", {}, {}}, range);
    EXPECT_TRUE(window);
    return window ? window->total() : rollup::Rollup{};
  }

  const Time cut_ = *parse_rfc3339("2025-03-01T01:00:00Z");
};

TEST_P(RetentionTest, WithoutRulesNothingIsEverDropped) {
  send(500);
  const auto figures = pass({}, 30'000);
  EXPECT_EQ(figures.rows_dropped + figures.rollups_dropped, 0u);
  EXPECT_EQ(rows_stored(), 500u);
  expect_windows_to_agree(5);
}

TEST_P(RetentionTest, DroppedEventsLeaveReportsAsTheyWere) {
  send(1500);
  const auto figures = pass({.rows = std::chrono::days(7)}, 7);
  const TimeRange all{start_ - std::chrono::hours(1), start_ + std::chrono::hours(1)};
  EXPECT_EQ(rollup::encode(total(all)), rollup::encode(brute_force(events_, {"pay", {}, {}}, all)));
  EXPECT_EQ(figures.rows_dropped, forget_old_events());
  EXPECT_EQ(figures.rollups_dropped, 0u);
  EXPECT_EQ(rows_stored(), events_.size());
  ASSERT_TRUE(figures.oldest_row);
  EXPECT_GE(*figures.oldest_row, cut_);
}

TEST_P(RetentionTest, WindowsSayWhatTheEventsThatAreLeftSay) {
  const store::RetentionRules rules{.rows = std::chrono::days(2), .rollups = std::chrono::days(2)};
  send(2000);
  expect_windows_to_agree(10);  // The tree keeps sums of what is about to go.
  ASSERT_TRUE(engine_->store->compact(cut_));
  EXPECT_EQ(pass(rules, 2).rows_dropped, forget_old_events());
  expect_windows_to_agree(15);
  restart();
  expect_windows_to_agree(5);
  send(1000);  // Half of them late: stored and reported until the next pass.
  expect_windows_to_agree(15);
  EXPECT_EQ(pass(rules, 2).rows_dropped, forget_old_events());
  expect_windows_to_agree(15);
}

TEST_P(RetentionTest, WindowsReadWhileRollupsAreDroppedAreNeverKeptStale) {
  const store::RetentionRules rules{.rows = std::chrono::days(2), .rollups = std::chrono::days(2)};
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) total({start_, start_ + std::chrono::hours(1)});
  });
  for (int i = 0; i < 8; ++i) {
    send(300);
    pass(rules, 2);
    forget_old_events();
  }
  done = true;
  reader.join();
  expect_windows_to_agree(20);
}

TEST_P(RetentionTest, SegmentsThatAreGoneMakeRoomForOthers) {
  config_.segments_max = 3;
  restart();
  send(1000);
  EXPECT_EQ(engine_->pipeline.figures().segments, 3u);
  pass({.rows = std::chrono::days(1), .rollups = std::chrono::days(1)}, 2);
  EXPECT_EQ(engine_->pipeline.figures().segments, 0u);
  EXPECT_TRUE(engine_->store->list_segments("")->empty());
  events_.clear();
  expect_windows_to_agree(3);
  send(100);
  expect_windows_to_agree(5);
}

INSTANTIATE_TEST_SUITE_P(Stores, RetentionTest, ::testing::Values("rocksdb", "postgresql"),
                         [](const auto& store) { return std::string(store.param); });

INSTANTIATE_TEST_SUITE_P(Stores, EngineTest, ::testing::Values("rocksdb", "postgresql"),
                         [](const auto& store) { return std::string(store.param); });

}  // namespace
}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#include "alert/evaluator.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <random>

#include "alert/outbox.h"
#include "rollup/fold.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres/testing_server.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::alert {
namespace {

using alarm::State;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr std::int64_t kHour = 360;  // In buckets.
const Time kMonday{std::chrono::seconds{1'735'516'800}};
const std::vector<std::string> kPointers = {"/request/body/amount", "/request/body/currency"};

Time after(std::int64_t buckets) { return kMonday + rollup::kBucketWidth * buckets; }

// One server for the whole program: started by the first test that needs it.
store::TestingServer& server() {
  static store::TestingServer server;
  return server;
}

// Where a store is, whoever has it open.
class Place {
 public:
  explicit Place(bool embedded) : embedded_(embedded) {
    if (!embedded) {
      url_ = server().create_database();
      return;
    }
    std::string name = (std::filesystem::temp_directory_path() / "alert_test.XXXXXX").string();
    if (::mkdtemp(name.data())) url_ = name;
  }
  ~Place() {
    if (embedded_) std::filesystem::remove_all(url_);
  }
  std::unique_ptr<store::Store> open(const Clock& clock) const {
    if (embedded_) {
      store::RocksOptions options;
      options.directory = url_;
      options.clock = &clock;
      return std::move(*store::open_rocks_store(options, rollup::merge_encoded));
    }
    store::PostgresOptions options;
    options.url = url_;
    options.clock = &clock;
    return std::move(*store::open_postgres_store(options, rollup::merge_encoded));
  }

 private:
  const bool embedded_;
  std::string url_;
};

// A driftguard on a store, as far as alarms go.
struct Node {
  Node(std::unique_ptr<store::Store> opened, const Clock& clock)
      : store(std::move(opened)),
        tree(store->exclusive() ? std::make_unique<window::RollupTree>(*store, 64u << 20)
                                : nullptr),
        inflow(clock, tree.get()),
        names(*store, rules),
        windows(*store, rules, tree.get(), {}),
        baselines(
            *store, names, windows, clock,
            {{},
             {},
             [this](const baseline::Baseline& built) { ASSERT_TRUE(evaluator.learn(built)); }}),
        evaluator({*store, windows, baselines, inflow, clock}, options()) {}

  static EvaluatorOptions options() {
    EvaluatorOptions options;
    options.notices = {{"slack", std::chrono::seconds(30)}, {"webhook", std::chrono::seconds(0)}};
    return options;
  }

  // One commit, as the server's writers make it.
  void commit(const std::map<std::int64_t, rollup::Rollup>& buckets,
              const std::string& service = "pay") {
    std::vector<ingest::BucketDelta> deltas;
    std::vector<store::RollupKey> keys;
    std::vector<store::RollupDelta> stored;
    for (const auto& [bucket, rollup] : buckets) {
      keys.push_back({service, "POST /v2", after(bucket)});
      stored.push_back({keys.back(), rollup::encode(rollup)});
      deltas.push_back({keys.back(), std::make_shared<const rollup::Rollup>(rollup), {}});
    }
    inflow.before(keys);
    ASSERT_TRUE(store->commit({{}, stored, {}}));
    inflow.after(deltas, true);
    inflow.done(keys);
  }
  // "slack opened" and so on, of what waits to be told.
  std::vector<std::string> notices() const {
    std::vector<std::string> found;
    const Result<std::vector<Notice>> waiting = Outbox(*store).waiting(100);
    for (const Notice& notice : *waiting) {
      found.push_back(notice.target + " " + std::string(event_name(notice.event)));
    }
    return found;
  }
  ServiceAlarmsPtr alarms(const std::string& service = "pay") {
    return *evaluator.alarms_of(service);
  }
  State state_of(std::string_view alarm) { return alarms()->find(alarm)->state; }

  std::unique_ptr<store::Store> store;
  std::unique_ptr<window::RollupTree> tree;
  Inflow inflow;
  ingest::FeatureRules rules{{}};
  baseline::FeatureNames names;
  window::WindowReader windows;
  baseline::BaselineBook baselines;
  Evaluator evaluator;
};

// Payments of a service in simulated time; the baseline is the ten hours before kMonday.
class EvaluatorTest : public ::testing::TestWithParam<bool> {
 protected:
  EvaluatorTest() : place_(GetParam()) { RecordProperty("seed", kSeed); }

  std::unique_ptr<Node> open() { return std::make_unique<Node>(place_.open(clock_), clock_); }

  rollup::Rollup bucket(double mean = 100, int events = 40) {
    rollup::BucketFold fold;
    std::normal_distribution<double> normal;
    for (int i = 0; i < events; ++i) {
      fold.begin_event(kMonday + Microseconds(++events_drawn_));
      fold.count_status(200);
      fold.latency(std::round(300 + 50 * std::abs(normal(random_))));
      fold.number(0, std::round(mean + 15 * normal(random_)));
      fold.text(1, normal(random_) < 0.3 ? "USD" : "EUR");
      fold.end_event();
    }
    return fold.take(kPointers);
  }
  void build_baseline(Node& node) {
    std::map<std::int64_t, rollup::Rollup> buckets;
    for (std::int64_t i = -10 * kHour; i < 0; ++i) buckets[i] = bucket();
    node.commit(buckets);
    ASSERT_TRUE(node.baselines.build("pay", {after(-10 * kHour), kMonday}));
  }
  // The clock stands where bucket `last` is due, and not the next.
  void go_to(std::int64_t last) {
    clock_.set(after(last + 1) + EvaluatorOptions().lag + std::chrono::seconds(1));
  }
  void send_and_evaluate(Node& node, std::int64_t first, std::int64_t last, double mean = 100) {
    for (std::int64_t i = first; i <= last; ++i) {
      node.commit({{i, bucket(mean)}});
      go_to(i);
      const auto done = node.evaluator.evaluate();
      ASSERT_TRUE(done) << done.error().detail;
    }
  }

  static constexpr int kSeed = 7;
  std::int64_t events_drawn_ = 0;
  std::mt19937_64 random_{kSeed};
  ManualClock clock_{kMonday};
  const Place place_;
};

INSTANTIATE_TEST_SUITE_P(Stores, EvaluatorTest, ::testing::Values(true, false),
                         [](const auto& param) { return param.param ? "rocksdb" : "postgresql"; });

TEST_P(EvaluatorTest, DriftFiresOnceIsOneIncidentAndEndsWithIt) {
  const auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 29);
  EXPECT_EQ(node->state_of("amount"), State::kOk);
  EXPECT_EQ(node->alarms()->evaluated_until, after(30));
  EXPECT_FALSE(node->alarms()->incident);
  send_and_evaluate(*node, 30, 49, 130);
  EXPECT_EQ(node->state_of("amount"), State::kFiring);
  EXPECT_EQ(node->state_of("currency"), State::kOk);
  EXPECT_EQ(node->alarms()->state, State::kFiring);
  ASSERT_TRUE(node->alarms()->incident);
  const Incident open_incident = *node->alarms()->incident;
  ASSERT_EQ(open_incident.alarms.size(), 1u);
  EXPECT_EQ(open_incident.alarms[0].name, "amount");
  EXPECT_GE(*open_incident.alarms[0].started, after(28));
  EXPECT_LE(*open_incident.alarms[0].started, after(33));
  EXPECT_EQ((*node->evaluator.incidents("pay", 10)).size(), 1u);
  send_and_evaluate(*node, 50, 50 + 2 * kHour);
  EXPECT_THAT(node->state_of("amount"), Not(State::kFiring));
  EXPECT_FALSE(node->alarms()->incident);
  const std::vector<Incident> all = *node->evaluator.incidents("", 10);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, open_incident.id);
  EXPECT_EQ(all[0].closed_because, "resolved");
  EXPECT_GT(*all[0].closed_at, after(50));
}

TEST_P(EvaluatorTest, ABaselineTeachesFromTheBucketsThatWereNotLeftOut) {
  const auto node = open();
  std::map<std::int64_t, rollup::Rollup> buckets;
  for (std::int64_t i = -11 * kHour; i < 0; ++i) {
    const bool load_test = i >= -5 * kHour && i < -4 * kHour;
    buckets[i] = bucket(load_test ? 400 : 100);
  }
  node->commit(buckets);
  const auto built = node->baselines.build("pay", {after(-11 * kHour), kMonday},
                                           baseline::BaselineBook::AfterBuild::kActivate,
                                           {{after(-5 * kHour), after(-4 * kHour)}});
  ASSERT_TRUE(built) << built.error().detail;
  const auto learnt = ReferenceBook(*node->store).of("pay", built->get(), (*built)->slo);
  ASSERT_TRUE(learnt) << learnt.error().detail;
  for (const alarm::Reference& reference : *learnt->references) {
    if (reference.name != "amount") continue;
    EXPECT_TRUE(reference.tolerance_learnt);
    EXPECT_LT(reference.tolerance, 0.1);
  }
  send_and_evaluate(*node, 0, 29);
  EXPECT_EQ(node->state_of("amount"), State::kOk);
}

TEST_P(EvaluatorTest, AfterACrashItGoesOnAsIfNothingHadBeen) {
  auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 99);
  send_and_evaluate(*node, 100, 110, 103);
  const ServiceAlarmsPtr before = node->alarms();
  node.reset();  // Without save(): the state stored last is some minutes old.
  node = open();
  go_to(110);
  ASSERT_TRUE(node->evaluator.evaluate());
  const ServiceAlarmsPtr again = node->alarms();
  ASSERT_EQ(again->alarms.size(), before->alarms.size());
  for (std::size_t i = 0; i < before->alarms.size(); ++i) {
    EXPECT_EQ(again->alarms[i].share_of_threshold, before->alarms[i].share_of_threshold);
    EXPECT_EQ(again->alarms[i].reason, before->alarms[i].reason);
  }
}

TEST_P(EvaluatorTest, WhatIsToBeToldIsStoredWithTheAlarmAndOnce) {
  auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 9);
  EXPECT_THAT(node->notices(), ElementsAre());
  std::int64_t at = 10;
  for (; !node->alarms()->incident; ++at) send_and_evaluate(*node, at, at, 140);
  EXPECT_THAT(node->notices(), ElementsAre("slack opened", "webhook opened"));
  const Notice slack = (*Outbox(*node->store).waiting(1))[0];
  EXPECT_EQ(slack.due_at, clock_.now() + std::chrono::seconds(30));
  EXPECT_EQ(slack.incident, node->alarms()->incident->id);
  node.reset();  // A crash, between the alarm and the message.
  node = open();
  send_and_evaluate(*node, at, at + 3, 140);
  EXPECT_THAT(node->notices(), ElementsAre("slack opened", "webhook opened"));
  EXPECT_EQ((*Outbox(*node->store).waiting(1))[0], slack);
  send_and_evaluate(*node, at + 4, at + 4 + 2 * kHour);
  EXPECT_FALSE(node->alarms()->incident);
  EXPECT_THAT(node->notices(),
              ElementsAre("slack opened", "slack resolved", "webhook opened", "webhook resolved"));
}

TEST_P(EvaluatorTest, AFiringAlarmIsTheSameIncidentAfterARestart) {
  auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 19, 140);
  ASSERT_TRUE(node->alarms()->incident);
  const std::string id = node->alarms()->incident->id;
  node.reset();
  node = open();
  EXPECT_EQ(node->alarms()->incident->id, id) << "known before it is evaluated again";
  send_and_evaluate(*node, 20, 25, 140);
  EXPECT_EQ(node->alarms()->incident->id, id);
  EXPECT_EQ((*node->evaluator.incidents("pay", 10)).size(), 1u);
}

TEST_P(EvaluatorTest, LateEventsCountOnceWithTheNextBucket) {
  const auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 9);
  const auto values = [&] { return node->alarms()->find("amount")->effect->values; };
  const std::uint64_t before = values();
  node->commit({{3, bucket(100, 500)}});
  node->commit({{10, bucket(100, 40)}});
  go_to(10);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(values(), before + 540);
  go_to(11);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(values(), before + 540);
}

TEST_P(EvaluatorTest, WhatIsOlderThanAnHourIsHistoryAndNoEvidence) {
  const auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 9);
  const std::uint64_t before = node->alarms()->find("amount")->effect->values;
  node->commit({{9 - kHour - 10, bucket(200, 500)}});
  node->commit({{10, bucket(100, 40)}});
  go_to(10);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(node->alarms()->find("amount")->effect->values, before + 40);
}

TEST_P(EvaluatorTest, AnotherBaselineClosesTheIncidentAndStartsAnew) {
  const auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 19, 140);
  ASSERT_TRUE(node->alarms()->incident);
  ASSERT_TRUE(node->baselines.build("pay", {after(0), after(20)}));
  send_and_evaluate(*node, 20, 29, 140);
  EXPECT_EQ(node->alarms()->baseline_version, 2);
  EXPECT_FALSE(node->alarms()->incident);
  EXPECT_EQ((*node->evaluator.incidents("pay", 1))[0].closed_because, "baseline replaced");
  EXPECT_EQ(node->state_of("amount"), State::kOk);
}

TEST_P(EvaluatorTest, WithoutABaselineThePromisedLevelsAreWatched) {
  const auto node = open();
  node->commit({{0, bucket()}});
  go_to(0);
  ASSERT_TRUE(node->evaluator.evaluate());
  ASSERT_EQ(node->alarms()->alarms.size(), 2u);
  EXPECT_EQ(node->state_of("success_rate"), State::kOk);
  EXPECT_EQ(node->alarms("unknown")->evaluated_until, std::nullopt);
}

TEST_P(EvaluatorTest, AnIdleServiceIsPutAwayAndKnownAllTheSame) {
  const auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 9);
  EXPECT_EQ(node->evaluator.figures().services, 1u);
  go_to(9 + 2 * kHour);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(node->evaluator.figures().services, 0u);
  EXPECT_EQ(node->alarms()->evaluated_until, after(10 + 2 * kHour));
  send_and_evaluate(*node, 10 + 2 * kHour, 15 + 2 * kHour);
  EXPECT_EQ(node->state_of("amount"), State::kOk);
}

TEST_P(EvaluatorTest, LateEventsOfAServicePutAwayCountWhenItIsTakenUpAgain) {
  const auto node = open();
  build_baseline(*node);
  send_and_evaluate(*node, 0, 9);
  const std::int64_t last = 9 + 2 * kHour;
  go_to(last);
  ASSERT_TRUE(node->evaluator.evaluate());
  ASSERT_EQ(node->evaluator.figures().services, 0u);
  node->commit({{last - 100, bucket(100, 500)}});
  go_to(last + 1);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(node->alarms()->find("amount")->effect->values, 500u);
}

TEST_P(EvaluatorTest, ANewBaselineWithoutAnyEventsSinceIsNotIdle) {
  const auto node = open();
  build_baseline(*node);
  go_to(0);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(node->evaluator.figures().services, 1u);
  node->commit({{-5, bucket(140, 500)}});
  go_to(1);
  ASSERT_TRUE(node->evaluator.evaluate());
  EXPECT_EQ(node->state_of("amount"), State::kFiring) << "late, but not lost";
}

TEST(EvaluatorOnTwoNodes, OneWritesAndTheOtherTakesOver) {
  ASSERT_TRUE(server().running());
  const Place place(false);
  ManualClock clock(kMonday);
  auto first = std::make_unique<Node>(place.open(clock), clock);
  const auto second = std::make_unique<Node>(place.open(clock), clock);
  ASSERT_TRUE(first->evaluator.evaluate());
  ASSERT_TRUE(second->evaluator.evaluate());
  EXPECT_TRUE(first->evaluator.figures().leads);
  EXPECT_FALSE(second->evaluator.figures().leads);
  clock.advance(std::chrono::seconds(20));
  ASSERT_TRUE(first->evaluator.evaluate()) << "renews its lease";
  clock.advance(std::chrono::seconds(20));
  ASSERT_TRUE(second->evaluator.evaluate());
  EXPECT_FALSE(second->evaluator.figures().leads);
  clock.advance(std::chrono::seconds(31));  // The first is silent for longer than its term.
  ASSERT_TRUE(second->evaluator.evaluate());
  EXPECT_TRUE(second->evaluator.figures().leads);
  ASSERT_TRUE(first->evaluator.evaluate());
  EXPECT_FALSE(first->evaluator.figures().leads);
}

}  // namespace
}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#include "alarm/monitor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "alarm/reason.h"
#include "rollup/fold.h"

namespace driftguard::alarm {
namespace {

constexpr const char* kEndpoint = "POST /v2/payments";
const Time kMonday{std::chrono::seconds{1'735'516'800}};
const std::vector<std::string> kPointers = {"/request/body/amount", "/request/body/currency"};

// A service with an amount, normal(100, 15), and a currency, 20 events a bucket, on simulated time.
class Payments {
 public:
  explicit Payments(std::uint64_t seed) : random_(seed) {}

  double mean = 100;
  double together = 0;  // How much the currency goes with the amount.
  double failing = 0.001;
  int events = 20;

  rollup::Rollup bucket() {
    rollup::BucketFold fold;
    for (int i = 0; i < events; ++i) {
      fold.begin_event(kMonday + Microseconds(++events_drawn_));
      fold.count_status(uniform_(random_) < failing ? 500 : 200);
      fold.latency(std::round(300 + 50 * std::abs(normal_(random_))));
      const double z = normal_(random_);
      const bool is_high = uniform_(random_) < std::abs(together) ? (z > 0) == (together > 0)
                                                                  : uniform_(random_) < 0.5;
      fold.number(0, std::round(mean + 15 * z));
      fold.text(1, is_high ? "USD" : "EUR");
      fold.end_event();
    }
    return fold.take(kPointers);
  }

 private:
  std::int64_t events_drawn_ = 0;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
};

// Baselines of ten hours, then live buckets one after another.
class MonitorTest : public ::testing::Test {
 protected:
  static constexpr int kBaselineBuckets = 3600;

  std::shared_ptr<const References> learn(Payments* payments, double mean_of_second_half = 100) {
    const Time from = kMonday - rollup::kBucketWidth * kBaselineBuckets;
    Learner learner({from, kMonday}, rules_,
                    {{kPointers[0], "amount"}, {kPointers[1], "currency"}});
    for (int i = 0; i < kBaselineBuckets; ++i) {
      if (i == kBaselineBuckets / 2) payments->mean = mean_of_second_half;
      const rollup::Rollup rollup = payments->bucket();
      learner.add(from + rollup::kBucketWidth * i, endpoints(rollup));
    }
    payments->mean = 100;
    return std::make_shared<const References>(learner.finish());
  }

  static std::array<EndpointRollup, 1> endpoints(const rollup::Rollup& rollup) {
    return {{{kEndpoint, &rollup}}};
  }

  void run(Monitor* monitor, Payments* payments, int buckets) {
    for (int i = 0; i < buckets; ++i, ++now_) {
      const rollup::Rollup rollup = payments->bucket();
      ASSERT_TRUE(monitor->fold(kMonday + rollup::kBucketWidth * now_, endpoints(rollup)));
    }
  }

  static Alarm named(const Monitor& monitor, const std::string& name) {
    for (const Alarm& alarm : monitor.alarms()) {
      if (alarm.name == name) return alarm;
    }
    ADD_FAILURE() << "no watch " << name;
    return {};
  }

  Rules rules_;
  int now_ = 0;
};

TEST_F(MonitorTest, SteadyTrafficIsOk) {
  Payments payments(1);
  Monitor monitor(learn(&payments), rules_);
  run(&monitor, &payments, 720);
  EXPECT_EQ(monitor.state(), State::kOk);
  for (const Alarm& alarm : monitor.alarms()) {
    EXPECT_EQ(alarm.state, State::kOk) << alarm.name << ": " << alarm.reason;
  }
}

TEST_F(MonitorTest, WatchesDistributionsMissingTypesAndPromises) {
  Payments payments(1);
  std::vector<std::string> names;
  const auto references = learn(&payments);
  for (const Reference& reference : *references) names.push_back(reference.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"amount_missing", "amount_type", "amount", "currency_missing",
                                      "currency_type", "currency", "amount~currency", "latency",
                                      "success_rate", "latency_p95"}));
}

TEST_F(MonitorTest, FeaturesThatGoTogetherOtherwiseThanTheyDidFireThoughNeitherChanged) {
  Payments payments(5);
  payments.together = 0.7;
  Monitor monitor(learn(&payments), rules_);
  run(&monitor, &payments, 360);
  EXPECT_EQ(named(monitor, "amount~currency").state, State::kOk);
  payments.together = -0.7;
  run(&monitor, &payments, 6);
  const Alarm pair = named(monitor, "amount~currency");
  EXPECT_EQ(pair.state, State::kFiring) << pair.reason;
  // Which of two texts that are as frequent is the high half is open.
  EXPECT_GT(std::abs(pair.effect->share - pair.effect->baseline_share), 0.6);
  EXPECT_NE(pair.reason.find("both or neither of amount above"), std::string::npos) << pair.reason;
  EXPECT_EQ(named(monitor, "amount").state, State::kOk);
  EXPECT_EQ(named(monitor, "currency").state, State::kOk);
}

TEST_F(MonitorTest, NothingIsSaidOfThePairsOfAFeatureThatDriftsByItself) {
  Payments payments(6);
  payments.together = 0.7;
  Monitor monitor(learn(&payments), rules_);
  run(&monitor, &payments, 360);
  payments.mean = 150;
  run(&monitor, &payments, 360);
  EXPECT_EQ(named(monitor, "amount").state, State::kFiring);
  const Alarm pair = named(monitor, "amount~currency");
  EXPECT_EQ(pair.state, State::kInsufficientData) << pair.reason;
  EXPECT_EQ(pair.reason, "Not judged while amount drifts by itself.");
}

TEST_F(MonitorTest, BudgetsAddUpToOne) {
  Payments payments(1);
  const auto references = learn(&payments);
  double sum = 0;
  for (const Reference& reference : *references) sum += reference.budget;
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

TEST_F(MonitorTest, AShiftGoesFromPendingToFiringAndSaysWhatAndSinceWhen) {
  Payments payments(2);
  Monitor monitor(learn(&payments), rules_);
  run(&monitor, &payments, 360);
  payments.mean = 108;
  bool was_pending = false;
  for (int i = 0; i < 60 && monitor.state() != State::kFiring; ++i) {
    run(&monitor, &payments, 1);
    was_pending = was_pending || monitor.state() == State::kPending;
  }
  const Alarm alarm = named(monitor, "amount");
  EXPECT_TRUE(was_pending);
  ASSERT_EQ(alarm.state, State::kFiring);
  EXPECT_TRUE(alarm.listed);
  EXPECT_GE(alarm.return_period_s, 365 * 86'400.0);
  EXPECT_LE(std::abs((*alarm.started - (kMonday + rollup::kBucketWidth * 360)).count()),
            std::chrono::microseconds(std::chrono::minutes(2)).count());
  EXPECT_LT(alarm.effect->share, alarm.effect->tolerated_low);
  EXPECT_LE(alarm.effect->low, alarm.effect->share);
  EXPECT_NE(alarm.reason.find("by chance this comes once in"), std::string::npos);
}

TEST_F(MonitorTest, AnAlarmIsLatchedUntilTheDriftIsOver) {
  Payments payments(3);
  Monitor monitor(learn(&payments), rules_);
  payments.mean = 110;
  run(&monitor, &payments, 400);
  ASSERT_EQ(named(monitor, "amount").state, State::kFiring);
  payments.mean = 100;
  run(&monitor, &payments, 170);
  EXPECT_EQ(named(monitor, "amount").state, State::kFiring) << "not yet half an hour of quiet";
  run(&monitor, &payments, 200);
  EXPECT_EQ(named(monitor, "amount").state, State::kResolved);
  run(&monitor, &payments, 400);
  EXPECT_EQ(named(monitor, "amount").state, State::kOk);
}

TEST_F(MonitorTest, SilenceResolvesNothing) {
  Payments payments(3);
  Monitor monitor(learn(&payments), rules_);
  payments.mean = 110;
  run(&monitor, &payments, 100);
  payments.events = 0;
  run(&monitor, &payments, 1000);
  EXPECT_EQ(named(monitor, "amount").state, State::kFiring);
}

TEST_F(MonitorTest, FewValuesAreNoVerdict) {
  Payments payments(4);
  Monitor monitor(learn(&payments), rules_);
  payments.events = 1;
  payments.mean = 1000;
  run(&monitor, &payments, 8);
  const Alarm alarm = named(monitor, "amount");
  EXPECT_EQ(alarm.state, State::kInsufficientData);
  EXPECT_EQ(alarm.reason, "8 values came in the last half hour; 30 are needed.");
}

TEST_F(MonitorTest, ABaselineThatDriftsWithinItselfIsRefused) {
  Payments payments(5);
  Monitor monitor(learn(&payments, 118), rules_);
  run(&monitor, &payments, 100);
  const Alarm alarm = named(monitor, "amount");
  EXPECT_EQ(alarm.state, State::kInsufficientData);
  EXPECT_NE(alarm.admission, Admission::kAdmitted);
  EXPECT_NE(alarm.reason.find("refused"), std::string::npos);
  EXPECT_EQ(named(monitor, "currency").state, State::kOk) << "the others go on";
}

TEST_F(MonitorTest, PromisesNeedNoBaseline) {
  Payments payments(6);
  payments.failing = 0.3;
  Monitor monitor(std::make_shared<const References>(promises_only(rules_)), rules_);
  run(&monitor, &payments, 10);
  EXPECT_EQ(named(monitor, "success_rate").state, State::kFiring);
  EXPECT_EQ(named(monitor, "latency_p95").state, State::kOk);
}

TEST_F(MonitorTest, ABucketCountsOnce) {
  Payments payments(7);
  Monitor monitor(learn(&payments), rules_);
  run(&monitor, &payments, 10);
  const std::string before = monitor.encode();
  const rollup::Rollup rollup = payments.bucket();
  EXPECT_FALSE(monitor.fold(kMonday + rollup::kBucketWidth * 9, endpoints(rollup)));
  EXPECT_EQ(monitor.encode(), before);
}

TEST_F(MonitorTest, GoesOnFromItsBytesAsIfNothingHadHappened) {
  Payments payments(8);
  const auto references = learn(&payments);
  Monitor whole(references, rules_);
  payments.mean = 104;
  run(&whole, &payments, 25);
  Result<Monitor> restored = Monitor::decode(references, rules_, whole.encode());
  ASSERT_TRUE(restored);
  EXPECT_EQ(*restored, whole);
  for (int i = 0; i < 25; ++i, ++now_) {
    const rollup::Rollup rollup = payments.bucket();
    whole.fold(kMonday + rollup::kBucketWidth * now_, endpoints(rollup));
    restored->fold(kMonday + rollup::kBucketWidth * now_, endpoints(rollup));
  }
  EXPECT_EQ(restored->encode(), whole.encode());
}

TEST_F(MonitorTest, EveryFlippedByteIsNoticed) {
  Payments payments(9);
  const auto references = learn(&payments);
  Monitor monitor(references, rules_);
  run(&monitor, &payments, 5);
  const std::string bytes = monitor.encode();
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto restored = Monitor::decode(references, rules_, damaged);
    ASSERT_FALSE(restored) << "byte " << i;
    EXPECT_EQ(restored.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(MonitorTest, BytesOfAnotherBaselineAreRefused) {
  Payments payments(10);
  const auto one = learn(&payments);
  const auto other = learn(&payments);
  Monitor monitor(one, rules_);
  run(&monitor, &payments, 5);
  EXPECT_FALSE(Monitor::decode(other, rules_, monitor.encode()));
}

TEST_F(MonitorTest, StateOfAFeatureIsSmall) {
  Payments payments(11);
  Monitor monitor(learn(&payments), rules_);
  run(&monitor, &payments, 200);
  EXPECT_LT(monitor.encode().size(), 20'000u);
}

// Orders, batches and merges of the same events leave byte-identical states.
TEST_F(MonitorTest, TheStateDependsOnTheEventsOfEachBucketAlone) {
  Payments payments(12);
  const auto references = learn(&payments);
  std::vector<double> amounts;
  for (int i = 0; i < 60; ++i) amounts.push_back(90 + i % 37);
  std::mt19937_64 random(12);
  std::string expected;
  for (int permutation = 0; permutation < 100; ++permutation) {
    std::vector<rollup::Rollup> parts;
    for (std::size_t at = 0; at < amounts.size();) {
      rollup::BucketFold fold;
      for (std::size_t left = 1 + random() % 20; left > 0 && at < amounts.size(); --left, ++at) {
        fold.begin_event(kMonday + Microseconds(std::llround(amounts[at])));
        fold.count_status(200);
        fold.number(0, amounts[at]);
        fold.text(1, "USD");
        fold.end_event();
      }
      parts.push_back(fold.take(kPointers));
    }
    std::shuffle(parts.begin(), parts.end(), random);
    rollup::RollupSum sum;
    for (const rollup::Rollup& part : parts) sum.add(part);
    const rollup::Rollup rollup = sum.take();
    Monitor monitor(references, rules_);
    monitor.fold(kMonday, endpoints(rollup));
    if (expected.empty()) expected = monitor.encode();
    ASSERT_EQ(monitor.encode(), expected) << "permutation " << permutation;
    std::shuffle(amounts.begin(), amounts.end(), random);
  }
}

TEST(EBh, ListsAsManyAsTheProductOfRankAndValueAllows) {
  // K = 4, alpha = 0.1: the k largest need 40 / k.
  EXPECT_EQ(listed_by_e_bh(std::vector<double>{50, 21, 5, 1}, 0.1),
            (std::vector<bool>{true, true, false, false}));
  EXPECT_EQ(listed_by_e_bh(std::vector<double>{1, 15, 14, 13.5}, 0.1),
            (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(listed_by_e_bh(std::vector<double>{39, 19, 13, 9}, 0.1), std::vector<bool>(4, false));
}

TEST(Reason, DurationsAreInTheUnitThatSuits) {
  EXPECT_EQ(duration_text(3.4 * 365.25 * 86400), "3.4 years");
  EXPECT_EQ(duration_text(12 * 86400), "12 days");
  EXPECT_EQ(duration_text(300), "5.0 minutes");
  EXPECT_EQ(duration_text(0.2), "0.2 seconds");
  EXPECT_EQ(duration_text(1e20), "more than a million years");
}

}  // namespace
}  // namespace driftguard::alarm

// SPDX-License-Identifier: Apache-2.0
#include "guard/guard_desk.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "rollup/rollup.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::guard {
namespace {

using ::testing::HasSubstr;

const Time kNow{std::chrono::seconds{1'735'732'800}};
constexpr std::chrono::minutes kMinute{1};

// Two nodes on one store.
class GuardDeskTest : public ::testing::Test {
 protected:
  GuardDeskTest() {
    std::string name = (std::filesystem::temp_directory_path() / "guard_test.XXXXXX").string();
    if (::mkdtemp(name.data())) directory_ = name;
    store::RocksOptions options;
    options.directory = directory_;
    options.clock = &clock_;
    store_ = std::move(*store::open_rocks_store(options, rollup::merge_encoded));
    one_ = std::make_unique<GuardDesk>(sources(), GuardOptions{});
    two_ = std::make_unique<GuardDesk>(sources(), GuardOptions{});
  }
  ~GuardDeskTest() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  GuardSources sources() {
    return {*store_, rules_, clock_, [this](const std::string& service) {
              return service == alarms_->service ? alarms_ : nullptr;
            }};
  }
  static OverrideOrder order(Verdict verdict, std::chrono::minutes length = kMinute) {
    return {"pay", {}, verdict, "a release", "me", kNow + length};
  }
  Decision answer(GuardDesk& desk) { return desk.decide(**desk.find("pay"), std::nullopt); }
  Override added(Verdict verdict, std::chrono::minutes length = kMinute) {
    return *one_->add(order(verdict, length));
  }

  ManualClock clock_{kNow};
  std::string directory_;
  ingest::FeatureRules rules_;
  alert::ServiceAlarmsPtr alarms_ = std::make_shared<const alert::ServiceAlarms>();
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<GuardDesk> one_;
  std::unique_ptr<GuardDesk> two_;
};

TEST_F(GuardDeskTest, AnOverrideHoldsAtOnceHereAndAfterALookThere) {
  added(Verdict::kDeny);
  EXPECT_EQ(answer(*one_).verdict, Verdict::kDeny);
  EXPECT_EQ(answer(*two_).verdict, Verdict::kAllow);
  ASSERT_TRUE(two_->read_store());
  two_->look();
  EXPECT_EQ(answer(*two_).verdict, Verdict::kDeny);
  clock_.advance(kMinute);
  EXPECT_EQ(answer(*two_).verdict, Verdict::kAllow);
}

TEST_F(GuardDeskTest, EndingOneTakesItAwayAndStaysOnRecord) {
  const Override denied = added(Verdict::kDeny);
  const Result<Override> ended = two_->end(denied.id, "you", "released");
  ASSERT_TRUE(ended) << ended.error().detail;
  ASSERT_TRUE(one_->read_store());
  one_->look();
  EXPECT_EQ(answer(*one_).reason, Reason::kNoData);
  ASSERT_EQ(one_->overrides()->size(), 1u);
  EXPECT_EQ(one_->overrides()->front().ended_by, "you");
  EXPECT_EQ(one_->end(denied.id, "you", "again").error().code, ErrorCode::kConflict);
  EXPECT_EQ(one_->end(99, "you", "none").error().code, ErrorCode::kNotFound);
}

TEST_F(GuardDeskTest, IdsGrowWhicheverNodeGivesThem) {
  const Override first = added(Verdict::kDeny);
  const Result<Override> second = two_->add(order(Verdict::kAllow));
  ASSERT_TRUE(second);
  EXPECT_GT(second->id, first.id);
  EXPECT_EQ(answer(*two_).verdict, Verdict::kAllow);
}

TEST_F(GuardDeskTest, HoldingOnesAreBounded) {
  for (std::size_t i = 0; i < OverrideBook::kHoldingMax; ++i) added(Verdict::kDeny);
  const Result<Override> more = one_->add(order(Verdict::kDeny));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(more.error().detail, HasSubstr("200 overrides hold"));
  clock_.advance(kMinute);
  EXPECT_TRUE(one_->add({"pay", {}, Verdict::kDeny, "r", "b", kNow + 2 * kMinute}));
}

TEST_F(GuardDeskTest, KeptOnesAreBoundedAndThoseThatHoldStay) {
  const Override long_one = added(Verdict::kDeny, kMinute * 60);
  for (std::size_t i = 0; i < OverrideBook::kKeptMax + 5; ++i) {
    clock_.set(kNow + std::chrono::seconds(i));
    ASSERT_TRUE(
        one_->add({"pay", {}, Verdict::kAllow, "r", "b", clock_.now() + std::chrono::seconds(1)}));
  }
  EXPECT_EQ(one_->overrides()->size(), OverrideBook::kKeptMax);
  EXPECT_EQ(one_->overrides()->back().id, long_one.id);
}

TEST_F(GuardDeskTest, OrdersThatDoNotFitAreRefusedByName) {
  const auto refusal = [this](const OverrideOrder& asked) {
    const Result<Override> made = one_->add(asked);
    return made ? "none" : made.error().detail;
  };
  EXPECT_THAT(refusal({"pay", {}, Verdict::kDeny, " ", "me", kNow + kMinute}), HasSubstr("reason"));
  EXPECT_THAT(refusal({"pay", {}, Verdict::kDeny, "r", "", kNow + kMinute}), HasSubstr("by"));
  EXPECT_THAT(refusal({"pay", {}, Verdict::kDeny, "r\n", "me", kNow + kMinute}),
              HasSubstr("control"));
  EXPECT_THAT(refusal({"pay", {}, Verdict::kDeny, "r", "me", kNow}), HasSubstr("past"));
  EXPECT_THAT(refusal(order(Verdict::kDeny, kMinute * 60 * 24 * 31)), HasSubstr("30 days"));
}

TEST_F(GuardDeskTest, WhatWasKnownHoldsUntilItIsStale) {
  alert::ServiceAlarms alarms;
  alarms.service = "pay";
  alarms.evaluated_until = kNow;
  alarms.alarms.emplace_back();
  alarms.alarms.back().name = "success_rate";
  alarms.alarms.back().state = alarm::State::kFiring;
  alarms_ = std::make_shared<const alert::ServiceAlarms>(alarms);
  added(Verdict::kAllow);
  clock_.advance(kMinute);  // The override is over; the service is known by it.
  EXPECT_EQ(answer(*one_).reason, Reason::kAlarm);
  alarms_ = std::make_shared<const alert::ServiceAlarms>();
  added(Verdict::kAllow, kMinute * 2);
  clock_.advance(kMinute * 2);
  EXPECT_EQ(answer(*one_).reason, Reason::kStale);
}

TEST_F(GuardDeskTest, AQuestionWithoutAServiceIsAboutTheOnlyOne) {
  EXPECT_FALSE(one_->find(""));
  added(Verdict::kDeny);
  EXPECT_EQ((*one_->find(""))->service, "pay");
  ASSERT_TRUE(one_->add({"other", {}, Verdict::kDeny, "r", "me", kNow + kMinute}));
  EXPECT_THAT(one_->find("").error().detail, HasSubstr("other, pay"));
}

}  // namespace
}  // namespace driftguard::guard

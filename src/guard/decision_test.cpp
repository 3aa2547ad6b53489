// SPDX-License-Identifier: Apache-2.0
#include "guard/decision.h"

#include <gmock/gmock.h>

namespace driftguard::guard {
namespace {

using alarm::State;
using ::testing::HasSubstr;

const Time kNow{std::chrono::seconds{1'735'732'800}};
constexpr std::chrono::seconds kLag{5};
constexpr std::chrono::seconds kSecond{1};

alarm::Alarm alarm_named(std::string name, State state, std::string pointer = "",
                         std::vector<std::string> endpoints = {}) {
  alarm::Alarm made;
  made.name = std::move(name);
  made.pointer = std::move(pointer);
  made.state = state;
  made.endpoints = std::move(endpoints);
  made.subject = made.pointer.empty() ? alarm::Subject::kFailures : alarm::Subject::kNumbers;
  return made;
}

class DecisionTest : public ::testing::Test {
 protected:
  DecisionTest() {
    standing_.service = "pay";
    standing_.endpoints =
        std::make_shared<const std::set<std::string>>(std::set<std::string>{"GET /a", "POST /b"});
    alarms_.evaluated_until = kNow - 10 * kSecond;
  }

  Decision decision(const std::optional<std::string>& endpoint = {}) {
    note_alarms(std::make_shared<const alert::ServiceAlarms>(alarms_), ingest::FeatureRules(rules_),
                &standing_);
    return decide(standing_, endpoint, kNow, kLag);
  }
  void fires(std::string name, std::string pointer = "", std::vector<std::string> endpoints = {}) {
    alarms_.alarms.push_back(
        alarm_named(std::move(name), State::kFiring, std::move(pointer), std::move(endpoints)));
  }
  void calm(std::string name) {
    alarms_.alarms.push_back(alarm_named(std::move(name), State::kOk));
  }
  void mark_critical(std::string pointer) {
    FeatureRule rule;
    rule.pointer = std::move(pointer);
    rule.critical = true;
    rules_.push_back(rule);
  }
  void override_(Verdict verdict, std::optional<std::string> endpoint = {},
                 Time until = kNow + 60 * kSecond) {
    Override one;
    one.id = static_cast<std::int64_t>(standing_.overrides.size()) + 1;
    one.order = {"pay", std::move(endpoint), verdict, "why", "me", until};
    standing_.overrides.insert(standing_.overrides.begin(), one);
  }

  Standing standing_;
  alert::ServiceAlarms alarms_;
  std::vector<FeatureRule> rules_;
};

TEST_F(DecisionTest, NothingFiringIsAllowed) {
  calm("success_rate");
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
  EXPECT_EQ(decision().reason, Reason::kOk);
}

TEST_F(DecisionTest, AnAlarmThatFiresDenies) {
  fires("amount", "/request/body/amount");
  const Decision denied = decision();
  EXPECT_EQ(denied.verdict, Verdict::kDeny);
  EXPECT_EQ(denied.reason, Reason::kAlarm);
  ASSERT_EQ(denied.firing.size(), 1u);
  EXPECT_EQ(detail_of(denied, standing_, kNow), "Drift: amount fires.");
}

TEST_F(DecisionTest, PendingAndResolvedDoNotDeny) {
  alarms_.alarms = {alarm_named("a", State::kPending), alarm_named("b", State::kResolved)};
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
}

TEST_F(DecisionTest, OnceAFeatureIsCriticalOnlySuchOnesDeny) {
  fires("amount", "/request/body/amount");
  mark_critical("/request/body/currency");
  calm("currency");
  alarms_.alarms.back().pointer = "/request/body/currency";
  EXPECT_EQ(decision().reason, Reason::kOk);
  alarms_.alarms.back().state = State::kFiring;
  EXPECT_EQ(decision().reason, Reason::kAlarm);
}

TEST_F(DecisionTest, AllMeansAllButMuted) {
  standing_.policy.block = GuardBlock::kAll;
  mark_critical("/request/body/currency");
  fires("amount", "/request/body/amount");
  EXPECT_EQ(decision().verdict, Verdict::kDeny);
  rules_.emplace_back();
  rules_.back().pointer = "/request/body/amount";
  rules_.back().muted = true;
  calm("success_rate");
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
}

TEST_F(DecisionTest, ListedNamesAreThoseOfAlarmsOrOfChecks) {
  standing_.policy.block = GuardBlock::kListed;
  standing_.policy.listed = {"amount_ks", "success_rate"};
  calm("success_rate");
  fires("score", "/response/body/score");
  EXPECT_EQ(decision().reason, Reason::kOk);
  fires("amount", "/request/body/amount");
  EXPECT_EQ(decision().reason, Reason::kAlarm);
}

TEST_F(DecisionTest, NoneNeverDeniesByItself) {
  standing_.policy.block = GuardBlock::kNone;
  standing_.policy.fail_closed = true;
  fires("amount");
  EXPECT_EQ(decision().reason, Reason::kNotGuarded);
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
}

TEST_F(DecisionTest, WithoutAVerdictThePolicyDecides) {
  alarms_.alarms = {alarm_named("amount", State::kInsufficientData)};
  EXPECT_EQ(decision().reason, Reason::kNoData);
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
  standing_.policy.fail_closed = true;
  EXPECT_EQ(decision().verdict, Verdict::kDeny);
}

TEST_F(DecisionTest, OldDataIsLeftToThePolicyToTheSecond) {
  fires("amount");
  standing_.policy.stale_seconds = 60;
  alarms_.evaluated_until = kNow - 65 * kSecond;  // The lag does not count.
  EXPECT_EQ(decision().reason, Reason::kAlarm);
  alarms_.evaluated_until = kNow - 66 * kSecond;
  EXPECT_EQ(decision().reason, Reason::kStale);
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
  standing_.policy.fail_closed = true;
  EXPECT_EQ(decision().verdict, Verdict::kDeny);
}

TEST_F(DecisionTest, AnEndpointHearsOfItsOwnAlarmsAndTheServices) {
  fires("amount", "/request/body/amount", {"POST /b"});
  EXPECT_EQ(decision("POST /b").verdict, Verdict::kDeny);
  EXPECT_EQ(decision("GET /a").verdict, Verdict::kAllow);
  EXPECT_EQ(decision("GET /never/seen").verdict, Verdict::kDeny);
  EXPECT_EQ(decision().verdict, Verdict::kDeny);
  fires("success_rate");
  EXPECT_EQ(decision("GET /a").verdict, Verdict::kDeny);
}

TEST_F(DecisionTest, AnOverrideGoesFirstAndEndsToTheMoment) {
  fires("amount");
  override_(Verdict::kAllow, {}, kNow + kSecond);
  EXPECT_EQ(decision().reason, Reason::kOverride);
  EXPECT_EQ(decision().verdict, Verdict::kAllow);
  EXPECT_THAT(detail_of(decision(), standing_, kNow), HasSubstr("Allowed by me until"));
  standing_.overrides.front().order.until = kNow;
  EXPECT_EQ(decision().reason, Reason::kAlarm);
}

TEST_F(DecisionTest, TheEndpointsOverrideBeatsTheServicesAndALaterOneAnEarlier) {
  calm("success_rate");
  override_(Verdict::kDeny);
  override_(Verdict::kAllow, "GET /a");
  EXPECT_EQ(decision("GET /a").verdict, Verdict::kAllow);
  EXPECT_EQ(decision("POST /b").verdict, Verdict::kDeny);
  EXPECT_EQ(decision().verdict, Verdict::kDeny);
  override_(Verdict::kAllow);
  EXPECT_EQ(decision("POST /b").verdict, Verdict::kAllow);
}

TEST(GuardPolicy, OwnTableBeatsTheOneForOthers) {
  const std::vector<GuardRule> rules = {{{}, GuardBlock::kNone, {}, false, 60},
                                        {"pay", GuardBlock::kAll, {}, true, 60}};
  EXPECT_EQ(policy_of(rules, "pay").block, GuardBlock::kAll);
  EXPECT_EQ(policy_of(rules, "other").block, GuardBlock::kNone);
  EXPECT_EQ(policy_of({}, "other").block, GuardBlock::kMarked);
}

}  // namespace
}  // namespace driftguard::guard

// SPDX-License-Identifier: Apache-2.0
#include "notify/decision.h"

#include <gmock/gmock.h>

#include "notify/testing_messages.h"

namespace driftguard::notify {
namespace {

using alert::NoticeEnd;
using alert::NoticeEvent;
using What = Decision::What;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A notice of an incident that opened at noon with two alarms; a minute later.
class DecisionTest : public ::testing::Test {
 protected:
  DecisionTest() { event(NoticeEvent::kOpened); }

  void event(NoticeEvent what) {
    notice = alert::notices_of(*incident, what, {{"slack", seconds(30)}}, kTestNoon)[0];
  }
  void opening_ended(NoticeEnd end, bool told_closed = false) {
    log.add({"slack", NoticeEvent::kOpened, 0, end, kTestNoon, 1, "", told_closed});
  }
  void silence(const std::string& alarm, seconds length = hours(1)) {
    alert::Silence one;
    one.alarm = alarm;
    one.ends_at = kTestNoon + length;
    silences.push_back(one);
  }
  Decision decision() const {
    return decide(
        {notice, incident, log, silences, habits, opening_waits, last_told, hours(72), now});
  }
  What what() const { return decision().what; }

  std::optional<alert::Incident> incident = testing_incident(2);
  alert::Notice notice;
  alert::IncidentLog log;
  std::vector<alert::Silence> silences;
  Habits habits;
  bool opening_waits = false;
  std::optional<Time> last_told;
  Time now = kTestNoon + minutes(1);
};

TEST_F(DecisionTest, AnOpeningIsToldAfterItsGroupWaitAndOnce) {
  now = kTestNoon + seconds(29);
  EXPECT_EQ(what(), What::kWait);
  EXPECT_EQ(decision().until, kTestNoon + seconds(30));
  now = kTestNoon + seconds(30);
  EXPECT_EQ(what(), What::kTell);
  EXPECT_EQ(decision().audible.incident.alarms.size(), 2u);
  opening_ended(NoticeEnd::kSent);
  EXPECT_EQ(what(), What::kDrop);
}

TEST_F(DecisionTest, AnEndIsToldIfTheOpeningWas) {
  close(&*incident, seconds(50));
  event(NoticeEvent::kResolved);
  EXPECT_EQ(decision().why, "its opening was not told");
  opening_waits = true;
  EXPECT_EQ(what(), What::kWait);
  opening_waits = false;
  opening_ended(NoticeEnd::kFailed);
  EXPECT_EQ(what(), What::kSkip);
  log = {};
  opening_ended(NoticeEnd::kSent);
  EXPECT_EQ(what(), What::kTell);
  log = {};
  opening_ended(NoticeEnd::kSent, true);
  EXPECT_EQ(decision().why, "told together with its opening");
}

TEST_F(DecisionTest, AnOpeningThatComesLateTellsOfTheEndToo) {
  close(&*incident, seconds(50));
  EXPECT_EQ(what(), What::kTell);
}

TEST_F(DecisionTest, NobodyIsRemindedOfWhatIsOverOrKnown) {
  event(NoticeEvent::kReminder);
  notice.number = 1;
  EXPECT_EQ(what(), What::kTell);
  log.acknowledgement = {"ann", "", kTestNoon};
  EXPECT_EQ(what(), What::kDrop);
  habits.refreshed = true;
  EXPECT_EQ(what(), What::kTell) << "Alertmanager is kept up to date all the same";
  close(&*incident, seconds(50));
  EXPECT_EQ(what(), What::kDrop);
}

TEST_F(DecisionTest, WhatIsSilencedWaitsUntilTheSilenceEnds) {
  silence("feature_0", minutes(10));
  EXPECT_EQ(what(), What::kTell);
  EXPECT_EQ(decision().audible.silenced, 1u);
  EXPECT_EQ(decision().audible.incident.alarms[0].name, "feature_1");
  silence("feature_1", minutes(10));
  EXPECT_EQ(what(), What::kWait);
  now = kTestNoon + minutes(10);
  EXPECT_EQ(what(), What::kTell);
  silences[0].ends_at = kTestNoon + hours(1);
  silences[1].ends_at = kTestNoon + hours(1);
  EXPECT_EQ(what(), What::kWait);
  silences[1].ended_at = kTestNoon;
  EXPECT_EQ(what(), What::kTell);
}

TEST_F(DecisionTest, WhatCameAndWentInSilenceIsNotTold) {
  silence("");
  close(&*incident, seconds(50));
  EXPECT_EQ(decision().why, "silenced while it lasted");
  event(NoticeEvent::kResolved);
  opening_ended(NoticeEnd::kSkipped);
  EXPECT_EQ(what(), What::kSkip);
}

TEST_F(DecisionTest, AnEndWaitsForTheEndOfASilenceThatBeganAfterTheOpeningWasTold) {
  silence("");
  close(&*incident, seconds(50));
  opening_ended(NoticeEnd::kSent);
  event(NoticeEvent::kResolved);
  EXPECT_EQ(what(), What::kWait);
}

TEST_F(DecisionTest, AlarmsThatAreNotKeptAreSilencedOnlyWithAllOthers) {
  incident->alarms_left_out = 5;
  silence("feature_0");
  silence("feature_1");
  EXPECT_EQ(what(), What::kTell);
  silence("");
  EXPECT_EQ(what(), What::kWait);
}

TEST_F(DecisionTest, ASilenceOfAnotherServiceSilencesNothing) {
  silence("");
  silences[0].service = "other";
  EXPECT_EQ(what(), What::kTell);
}

TEST_F(DecisionTest, MessagesAboutAServiceKeepADistance) {
  last_told = now - seconds(10);
  EXPECT_EQ(decision().until, *last_told + habits.interval_min);
  now += seconds(20);
  EXPECT_EQ(what(), What::kTell);
}

TEST_F(DecisionTest, ItIsGivenUpWhenItIsOldAndSkippedWhenTheIncidentIsGone) {
  notice.tries = 100;
  notice.first_try_at = now - hours(72);
  EXPECT_EQ(what(), What::kTell);
  notice.first_try_at = now - hours(73);
  EXPECT_EQ(what(), What::kGiveUp);
  incident.reset();
  EXPECT_EQ(what(), What::kSkip);
}

TEST_F(DecisionTest, RemindersFollowEachOther) {
  alert::Notice next = *reminder_after(notice, habits, now);
  EXPECT_EQ(next.number, 1);
  EXPECT_EQ(next.due_at, now + hours(4));
  EXPECT_EQ(alert::notice_id(next), incident->id + "-reminder-1");
  EXPECT_EQ(reminder_after(next, habits, now)->number, 2);
  habits.refreshed = true;
  EXPECT_EQ(reminder_after(next, habits, now)->number, 1);
  habits.repeat = seconds(0);
  EXPECT_EQ(reminder_after(notice, habits, now), std::nullopt);
}

}  // namespace
}  // namespace driftguard::notify

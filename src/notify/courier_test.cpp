// SPDX-License-Identifier: Apache-2.0
#include "notify/courier.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "alert/documents.h"
#include "client/testing_receiver.h"
#include "notify/http_target.h"
#include "notify/testing_messages.h"
#include "rollup/rollup.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::notify {
namespace {

using alert::NoticeEnd;
using alert::NoticeEvent;
using client::testing_answer;
using client::TestingReceiver;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::atomic<bool> kNever = false;

// A courier on a store of its own, a receiver on loopback, and a clock that is moved by hand.
class CourierTest : public ::testing::Test {
 protected:
  CourierTest() {
    std::string name = (std::filesystem::temp_directory_path() / "notify_test.XXXXXX").string();
    if (::mkdtemp(name.data())) directory_ = name;
    open();
  }
  ~CourierTest() override {
    courier_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    store::RocksOptions options;
    options.directory = directory_;
    options.clock = &clock_;
    store_ = std::move(*store::open_rocks_store(options, rollup::merge_encoded));
    outbox_.emplace(*store_);
    silences_.emplace(*store_, clock_);
    HttpTargetOptions http;
    http.name = "slack";
    http.url = receiver_.url("/geheim24");
    http.timeout = seconds(2);
    http.habits = habits_;
    const auto body = [](const Message& message) { return message_json(message).dump(); };
    courier_.emplace(CourierSources{*store_, *outbox_, *silences_, clock_},
                     std::move(*HttpTarget::make(http, body, clock_)), CourierOptions{});
  }
  // As a crash and a start.
  void reopen() {
    courier_.reset();
    store_.reset();
    open();
  }
  // Stores the incident, and, unless it is only to change, the notice of the event.
  void write(const alert::Incident& incident, std::optional<NoticeEvent> event = {}) {
    const std::string key =
        alert::document_key(alert::kIncidentKind, incident.service, incident.opened_at);
    ASSERT_TRUE(store_->put_document(key, alert::incident_json(incident).dump()));
    if (!event) return;
    for (const alert::Notice& notice :
         alert::notices_of(incident, *event, {{"slack", seconds(30)}}, clock_.now())) {
      ASSERT_TRUE(
          store_->put_document(alert::waiting_key(notice), alert::notice_json(notice).dump()));
    }
  }
  void pass() {
    const auto done = courier_->pass(kNever);
    ASSERT_TRUE(done) << done.error().detail;
  }
  // A pass each second.
  void run(seconds time) {
    for (seconds left = time; left.count() > 0; --left) {
      clock_.advance(seconds(1));
      pass();
    }
  }
  void answer_with(int status, const std::string& headers = {}) {
    receiver_.set_answer([=](std::size_t) { return testing_answer(status, headers, "/geheim24"); });
  }
  std::vector<std::string> told() const {
    std::vector<std::string> events;
    for (const auto& got : receiver_.got()) {
      events.push_back(nlohmann::json::parse(got.body)["id"].get<std::string>().substr(24));
    }
    return events;
  }
  alert::IncidentLog log(const alert::Incident& incident) {
    return *outbox_->log_of(incident.service, incident.opened_at);
  }
  std::size_t waiting() { return outbox_->waiting_keys("slack")->size(); }

  TestingReceiver receiver_{[](std::size_t) { return testing_answer(200); }};
  ManualClock clock_{kTestNoon};
  Habits habits_;
  std::string directory_;
  std::unique_ptr<store::Store> store_;
  std::optional<alert::Outbox> outbox_;
  std::optional<alert::Silences> silences_;
  std::optional<Courier> courier_;
};

TEST_F(CourierTest, AnIncidentIsOneMessageAfterTheWaitAndOneAtItsEnd) {
  alert::Incident incident = testing_incident(50);
  write(incident, NoticeEvent::kOpened);
  run(seconds(29));
  EXPECT_THAT(told(), ElementsAre());
  run(seconds(100));
  EXPECT_THAT(told(), ElementsAre("opened"));
  close(&incident, seconds(100));
  write(incident, NoticeEvent::kResolved);
  run(seconds(100));
  EXPECT_THAT(told(), ElementsAre("opened", "resolved"));
  EXPECT_EQ(log(incident).find("slack", NoticeEvent::kResolved)->end, NoticeEnd::kSent);
  run(hours(5));
  EXPECT_EQ(told().size(), 2u);
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(courier_->figures().delivered, 2u);
}

TEST_F(CourierTest, AReceiverThatIsDownForTenMinutesIsToldOnceItIsBack) {
  const alert::Incident incident = testing_incident();
  answer_with(503);
  write(incident, NoticeEvent::kOpened);
  run(minutes(10));
  const std::size_t tries = receiver_.got().size();
  EXPECT_GE(tries, 10u);
  EXPECT_LE(tries, 40u) << "it is asked ever less often, but within a minute";
  EXPECT_EQ(courier_->figures().waiting, 1u);
  EXPECT_GE(courier_->figures().oldest_seconds, 560);
  EXPECT_EQ(log(incident).told.size(), 0u);
  answer_with(200);
  run(seconds(61));
  EXPECT_EQ(receiver_.got().size(), tries + 1);
  ASSERT_EQ(log(incident).told.size(), 1u);
  EXPECT_EQ(log(incident).told[0].tries, static_cast<int>(tries) + 1);
}

TEST_F(CourierTest, ACrashBeforeTheDeliveryLosesNothingAndOneAfterItTellsNothingTwice) {
  write(testing_incident(), NoticeEvent::kOpened);
  reopen();
  run(seconds(40));
  EXPECT_THAT(told(), ElementsAre("opened"));
  reopen();
  run(seconds(100));
  EXPECT_THAT(told(), ElementsAre("opened"));
}

TEST_F(CourierTest, WhatIsWrittenTwiceIsToldOnce) {
  write(testing_incident(), NoticeEvent::kOpened);
  run(seconds(40));
  write(testing_incident(), NoticeEvent::kOpened);
  run(seconds(100));
  EXPECT_THAT(told(), ElementsAre("opened"));
}

TEST_F(CourierTest, WhatIsRefusedIsGivenUpWithItsReasonAndWithoutSecrets) {
  alert::Incident incident = testing_incident();
  answer_with(404);
  write(incident, NoticeEvent::kOpened);
  run(minutes(10));
  EXPECT_EQ(receiver_.got().size(), 1u);
  ASSERT_EQ(log(incident).told.size(), 1u);
  EXPECT_EQ(log(incident).told[0].end, NoticeEnd::kFailed);
  EXPECT_EQ(log(incident).told[0].detail, "404: ***");
  close(&incident, minutes(10));
  write(incident, NoticeEvent::kResolved);
  run(minutes(1));
  EXPECT_EQ(receiver_.got().size(), 1u);
  EXPECT_EQ(courier_->figures().failed, 1u);
}

TEST_F(CourierTest, RetryAfterIsKeptTo) {
  answer_with(429, "Retry-After: 300\r\n");
  write(testing_incident(), NoticeEvent::kOpened);
  run(seconds(30 + 299));
  EXPECT_EQ(receiver_.got().size(), 1u);
  run(seconds(3));
  EXPECT_EQ(receiver_.got().size(), 2u);
}

TEST_F(CourierTest, ItIsGivenUpAfterThreeDays) {
  const alert::Incident incident = testing_incident();
  receiver_.set_answer([](std::size_t) { return ""; });  // The connection breaks.
  write(incident, NoticeEvent::kOpened);
  run(seconds(40));
  for (int i = 0; i < 75; ++i) {
    clock_.advance(hours(1));
    pass();
  }
  ASSERT_EQ(log(incident).told.size(), 1u);
  EXPECT_EQ(log(incident).told[0].end, NoticeEnd::kFailed);
  EXPECT_THAT(log(incident).told[0].detail, HasSubstr("given up: slack: "));
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(CourierTest, PeopleAreRemindedUntilSomebodyKnows) {
  const alert::Incident incident = testing_incident();
  write(incident, NoticeEvent::kOpened);
  run(seconds(40));
  for (int i = 0; i < 9; ++i) {
    clock_.advance(hours(1));
    pass();
  }
  EXPECT_THAT(told(), ElementsAre("opened", "reminder-1", "reminder-2"));
  ASSERT_TRUE(outbox_->acknowledge(incident.id, {"ann", "on it", clock_.now()}));
  EXPECT_EQ(outbox_->acknowledge(incident.id, {"bob", "", clock_.now()}).error().code,
            ErrorCode::kConflict);
  for (int i = 0; i < 9; ++i) {
    clock_.advance(hours(1));
    pass();
  }
  EXPECT_EQ(told().size(), 3u);
  EXPECT_EQ(log(incident).acknowledgement->who, "ann");
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(CourierTest, WhatIsSilencedIsToldWhenTheSilenceEndsWhileItFires) {
  alert::Silence silence;
  silence.ends_at = kTestNoon + hours(1);
  silence.reason = "deploy";
  silence.who = "ann";
  const int id = silences_->add(silence)->id;
  write(testing_incident(), NoticeEvent::kOpened);
  run(minutes(10));
  EXPECT_THAT(told(), ElementsAre());
  reopen();
  run(seconds(10));
  EXPECT_THAT(told(), ElementsAre());
  EXPECT_EQ(silences_->end(id, "ann")->ended_by, "ann");
  run(seconds(5));
  EXPECT_THAT(told(), ElementsAre("opened"));
}

TEST_F(CourierTest, ManyServicesAtOnceAreToldOneAfterTheOther) {
  habits_.spacing = seconds(1);
  reopen();
  for (int i = 0; i < 5; ++i) {
    write(testing_incident(1, "service_" + std::to_string(i)), NoticeEvent::kOpened);
  }
  run(seconds(32));
  EXPECT_LE(told().size(), 3u);
  run(seconds(5));
  EXPECT_EQ(told().size(), 5u);
}

TEST_F(CourierTest, OneThatIsAlwaysAnsweredWithAnErrorHoldsUpNoOther) {
  const alert::Incident poison = testing_incident(1, "poison");
  answer_with(500);
  write(poison, NoticeEvent::kOpened);
  run(seconds(60));
  receiver_.set_answer([](std::size_t number) { return testing_answer(number % 2 ? 200 : 500); });
  for (int i = 0; i < 5; ++i) {
    write(testing_incident(1, "service_" + std::to_string(i)), NoticeEvent::kOpened);
  }
  run(minutes(5));
  EXPECT_EQ(waiting(), 6u) << "their reminders";
  EXPECT_EQ(log(poison).told.size(), 1u);
}

TEST_F(CourierTest, TheOldestAreGivenUpWhenTooManyWait) {
  std::vector<std::pair<std::string, std::string>> documents;
  for (std::size_t i = 0; i < alert::Outbox::kWaitingMax + 3; ++i) {
    alert::Incident incident = testing_incident(1, "s" + std::to_string(i));
    incident.opened_at = kTestNoon + seconds(i);
    incident.id = alert::incident_id(incident.service, incident.opened_at);
    for (const alert::Notice& notice :
         alert::notices_of(incident, NoticeEvent::kOpened, {{"slack", hours(1)}}, clock_.now())) {
      documents.emplace_back(alert::waiting_key(notice), alert::notice_json(notice).dump());
    }
  }
  std::vector<store::DocumentWrite> writes;
  for (const auto& [key, value] : documents) writes.push_back({key, value});
  ASSERT_TRUE(*store_->change_documents({}, writes));
  pass();
  EXPECT_EQ(waiting(), alert::Outbox::kWaitingMax);
  EXPECT_EQ(log(testing_incident(1, "s0")).told.at(0).detail, "too many wait");
}

}  // namespace
}  // namespace driftguard::notify

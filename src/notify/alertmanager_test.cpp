// SPDX-License-Identifier: Apache-2.0
#include "notify/alertmanager.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "notify/testing_messages.h"

namespace driftguard::notify {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Alertmanager, AnAlarmIsAnAlertThatEndsUnlessItIsSentAgain) {
  const auto alerts = alertmanager_json(testing_message(testing_incident(2)), minutes(4));
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(alerts[0]["labels"]["alarm"], "feature_0");
  EXPECT_EQ(alerts[0]["labels"]["service"], "pay");
  EXPECT_EQ(alerts[0]["startsAt"], "2025-01-01T12:00:00.000Z");
  EXPECT_EQ(alerts[0]["endsAt"], "2025-01-01T12:04:30.000Z");
  EXPECT_EQ(alerts[0]["generatorURL"], "https://drift.example.org/alarms?service=pay");
}

TEST(Alertmanager, WhatIsOverEndsThen) {
  alert::Incident incident = testing_incident(2);
  incident.alarms[0].resolved_at = kTestNoon + seconds(10);
  auto alerts = alertmanager_json(testing_message(incident), minutes(4));
  EXPECT_EQ(alerts[0]["endsAt"], "2025-01-01T12:00:10.000Z");
  incident.closed_at = kTestNoon + seconds(20);
  alerts = alertmanager_json(testing_message(incident), minutes(4));
  EXPECT_EQ(alerts[0]["endsAt"], "2025-01-01T12:00:10.000Z");
  EXPECT_EQ(alerts[1]["endsAt"], "2025-01-01T12:00:20.000Z");
}

TEST(Alertmanager, AnAlarmThatFiredAgainIsOneAlert) {
  alert::Incident incident = testing_incident(1);
  incident.alarms[0].resolved_at = kTestNoon + seconds(10);
  incident.alarms.push_back(testing_alarm("feature_0", kTestNoon + seconds(60)));
  const auto alerts = alertmanager_json(testing_message(incident), minutes(4));
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0]["startsAt"], "2025-01-01T12:01:00.000Z");
}

TEST(Alertmanager, LabelsAreBoundedAndTheSameEveryTime) {
  alert::Incident incident = testing_incident(0, std::string(500, 's'));
  incident.alarms.push_back(testing_alarm(std::string(500, 'n')));
  Message message = testing_message(incident);
  const auto labels = alertmanager_json(message, minutes(4))[0]["labels"];
  for (const auto& label : labels) EXPECT_LE(label.get<std::string>().size(), 200u);
  message.now += minutes(10);
  message.event = alert::NoticeEvent::kReminder;
  EXPECT_EQ(alertmanager_json(message, minutes(4))[0]["labels"], labels);
}

}  // namespace
}  // namespace driftguard::notify

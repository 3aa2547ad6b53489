// SPDX-License-Identifier: Apache-2.0
// Incidents and messages that tests share.
#pragma once

#include <fmt/format.h>

#include "notify/message.h"

namespace driftguard::notify {

inline const Time kTestNoon{std::chrono::seconds{1'735'732'800}};  // 2025-01-01T12:00:00Z

inline alert::FiredAlarm testing_alarm(std::string name, Time at = kTestNoon) {
  alert::FiredAlarm alarm;
  alarm.name = std::move(name);
  alarm.subject = "numbers";
  alarm.fired_at = at;
  alarm.started = at - std::chrono::seconds(40);
  alarm.return_period_s = 4e9;
  alarm.effect = alarm::Effect{0, 0.21, 0.16, 0.27, 0.5, 0.46, 0.54, 220};
  alarm.reason = "21.0 % of 220 values up to 120.5 (16.0 % to 27.0 %; baseline 50.0 %).";
  return alarm;
}

inline alert::Incident testing_incident(int alarms = 1, const std::string& service = "pay") {
  alert::Incident incident;
  incident.service = service;
  incident.opened_at = kTestNoon;
  incident.id = alert::incident_id(service, kTestNoon);
  incident.baseline_version = 3;
  for (int i = 0; i < alarms; ++i) {
    incident.alarms.push_back(testing_alarm(fmt::format("feature_{}", i)));
  }
  return incident;
}

inline Message testing_message(const alert::Incident& incident) {
  Message message;
  message.id = incident.id + "-opened";
  message.incident = incident;
  message.now = kTestNoon + std::chrono::seconds(30);
  message.page = "https://drift.example.org";
  return message;
}

inline void close(alert::Incident* incident, std::chrono::seconds after) {
  incident->closed_at = kTestNoon + after;
  incident->closed_because = "resolved";
  for (alert::FiredAlarm& alarm : incident->alarms) alarm.resolved_at = incident->closed_at;
}

}  // namespace driftguard::notify

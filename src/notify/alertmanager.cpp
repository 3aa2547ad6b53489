// SPDX-License-Identifier: Apache-2.0
#include "notify/alertmanager.h"

#include <map>
#include <nlohmann/json.hpp>

namespace driftguard::notify {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLabelBytesMax = 200;
constexpr std::size_t kSummaryBytesMax = 500;
constexpr std::size_t kDescriptionBytesMax = 2'000;

Json label(const std::string& text) { return shortened(text, kLabelBytesMax); }

Json alert_of(const Message& message, const alert::FiredAlarm& alarm, std::chrono::seconds lasts) {
  const alert::Incident& incident = message.incident;
  std::optional<Time> over = alarm.resolved_at;
  if (!over) over = incident.closed_at;
  Json json;
  json["labels"] = {{"alertname", "DriftguardAlarm"},
                    {"service", label(incident.service)},
                    {"alarm", label(alarm.name)},
                    {"subject", label(alarm.subject)}};
  json["annotations"] = {
      {"summary", shortened(incident.service + ": " + alarm.name + " drifts", kSummaryBytesMax)},
      {"description", shortened(alarm.reason, kDescriptionBytesMax)},
      {"surety", surety_text(alarm)},
      {"size", size_text(alarm)},
      {"incident", incident.id}};
  json["startsAt"] = format_rfc3339(alarm.fired_at);
  json["endsAt"] = format_rfc3339(over ? *over : message.now + lasts);
  json["generatorURL"] = link_of(message);
  return json;
}

Json test_alert(const Message& message, std::chrono::seconds lasts) {
  Json json;
  json["labels"] = {{"alertname", "DriftguardTest"}, {"service", "driftguard"}};
  json["annotations"] = {{"summary", headline(message)}, {"description", when_text(message)}};
  json["startsAt"] = format_rfc3339(message.now);
  json["endsAt"] = format_rfc3339(message.now + lasts);
  json["generatorURL"] = link_of(message);
  return json;
}

}  // namespace

Json alertmanager_json(const Message& message, std::chrono::seconds lasts) {
  Json alerts = Json::array();
  if (message.test) {
    alerts.push_back(test_alert(message, lasts));
    return alerts;
  }
  // An alarm that fired again is the same alert: the later one counts.
  std::map<std::string, const alert::FiredAlarm*> latest;
  for (const alert::FiredAlarm& alarm : message.incident.alarms) latest[alarm.name] = &alarm;
  for (const auto& [name, alarm] : latest) alerts.push_back(alert_of(message, *alarm, lasts));
  return alerts;
}

}  // namespace driftguard::notify

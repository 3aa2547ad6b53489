// SPDX-License-Identifier: Apache-2.0
#include "alert/alarm_json.h"

#include <nlohmann/json.hpp>

#include "alarm/reason.h"

namespace driftguard::alert {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::optional<Time>& time) {
  return time ? Json(format_rfc3339(*time)) : Json(nullptr);
}

// The one that says most of the whole: of those in its state the one with the most evidence.
const alarm::Alarm* speaker_of(const ServiceAlarms& alarms) {
  const alarm::Alarm* speaker = nullptr;
  for (const alarm::Alarm& alarm : alarms.alarms) {
    if (alarm.state != alarms.state) continue;
    if (speaker == nullptr || alarm.share_of_threshold > speaker->share_of_threshold) {
      speaker = &alarm;
    }
  }
  return speaker;
}

Json effect_json_of(const alarm::Alarm& alarm) {
  Json json = effect_json(alarm.effect);
  if (alarm.effect) json["of"] = alarm.effect_of;
  return json;
}

Json version_json(const ServiceAlarms& alarms) {
  return alarms.baseline_version == 0 ? Json(nullptr) : Json(alarms.baseline_version);
}

Json alarms_json(const ServiceAlarms& alarms, const CheckOf& check_of) {
  Json all = Json::array();
  for (const alarm::Alarm& alarm : alarms.alarms) {
    Json one;
    one["name"] = alarm.name;
    one["subject"] = alarm::subject_name(alarm.subject);
    one["pointer"] = alarm.pointer.empty() ? Json(nullptr) : Json(alarm.pointer);
    const std::optional<std::string> check = check_of(alarm);
    one["check"] = check ? Json(*check) : Json(nullptr);
    one.update(alarm_json(alarm));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

Json alarm_json(const alarm::Alarm& alarm) {
  Json json;
  json["state"] = alarm::state_name(alarm.state);
  json["since"] = format_rfc3339(alarm.since);
  json["started"] = text_or_null(alarm.started);
  json["evidence"] = {{"return_period_seconds", alarm.return_period_s},
                      {"return_period", alarm::duration_text(alarm.return_period_s)},
                      {"of_threshold", alarm.share_of_threshold}};
  json["effect"] = effect_json_of(alarm);
  json["tolerance"] = alarm.tolerance;
  json["tolerance_learnt"] = alarm.tolerance_learnt;
  json["reason"] = alarm.reason;
  return json;
}

Json summary_json(const ServiceAlarms& alarms) {
  Json json;
  json["state"] = alarm::state_name(alarms.state);
  const alarm::Alarm* speaker = speaker_of(alarms);
  std::optional<Time> since;
  Json firing = Json::array();
  for (const alarm::Alarm& alarm : alarms.alarms) {
    if (alarm.state == alarms.state && (!since || alarm.since < *since)) since = alarm.since;
    if (alarm.state == alarm::State::kFiring) firing.push_back(alarm.name);
  }
  json["since"] = text_or_null(alarms.evaluated_until ? since : std::nullopt);
  json["evaluated_until"] = text_or_null(alarms.evaluated_until);
  json["firing"] = std::move(firing);
  json["incident"] = alarms.incident ? Json(alarms.incident->id) : Json(nullptr);
  json["reason"] = speaker == nullptr || !alarms.evaluated_until
                       ? "No alarms were evaluated yet."
                       : speaker->name + ": " + speaker->reason;
  return json;
}

Json service_json(const ServiceAlarms& alarms, const CheckOf& check_of) {
  Json json;
  json["service"] = alarms.service;
  json["baseline_version"] = version_json(alarms);
  json.update(summary_json(alarms));
  json["alarms"] = alarms_json(alarms, check_of);
  json["incident"] = alarms.incident ? incident_json(*alarms.incident) : Json(nullptr);
  return json;
}

Json backtest_json(const Backtest& backtest, const CheckOf& check_of) {
  Json json;
  json["service"] = backtest.alarms->service;
  json["baseline_version"] = version_json(*backtest.alarms);
  json["from"] = format_rfc3339(backtest.range.from);
  json["to"] = format_rfc3339(backtest.range.to);
  Json& incidents = json["incidents"] = Json::array();
  for (const Incident& incident : backtest.incidents) incidents.push_back(incident_json(incident));
  json["alarms"] = alarms_json(*backtest.alarms, check_of);
  return json;
}

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#include "alert/incident.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "alert/json_reading.h"
#include "core/hash.h"

namespace driftguard::alert {
namespace {

using Json = nlohmann::ordered_json;

FiredAlarm fired_of(const Json& json) {
  FiredAlarm fired;
  fired.name = json.at("name");
  fired.subject = json.at("subject");
  fired.fired_at = time_at(json, "fired_at");
  fired.started = optional_time_at(json, "started");
  fired.resolved_at = optional_time_at(json, "resolved_at");
  fired.return_period_s = json.at("return_period_seconds");
  fired.effect = effect_of(json.at("effect"));
  fired.reason = json.at("reason");
  return fired;
}

}  // namespace

bool Incident::is_firing() const {
  return std::any_of(alarms.begin(), alarms.end(),
                     [](const FiredAlarm& fired) { return !fired.resolved_at; });
}

TimeRange stretch_of(const Incident& incident) {
  TimeRange stretch{incident.opened_at, incident.closed_at.value_or(kLatest)};
  for (const FiredAlarm& fired : incident.alarms) {
    stretch.from = std::min(stretch.from, fired.started.value_or(fired.fired_at));
  }
  return stretch;
}

std::string incident_id(const std::string& service, Time opened_at) {
  return fmt::format("{:014x}-{:08x}", us_since_epoch(opened_at), hash64(service) >> 32);
}

nlohmann::ordered_json effect_json(const std::optional<alarm::Effect>& effect) {
  if (!effect) return nullptr;
  return {{"share", effect->share},
          {"interval_95", {effect->low, effect->high}},
          {"baseline_share", effect->baseline_share},
          {"tolerated", {effect->tolerated_low, effect->tolerated_high}},
          {"values", effect->values}};
}

std::optional<alarm::Effect> effect_of(const nlohmann::ordered_json& json) {
  if (json.is_null()) return std::nullopt;
  alarm::Effect effect;
  effect.share = json.at("share");
  effect.low = json.at("interval_95").at(0);
  effect.high = json.at("interval_95").at(1);
  effect.baseline_share = json.at("baseline_share");
  effect.tolerated_low = json.at("tolerated").at(0);
  effect.tolerated_high = json.at("tolerated").at(1);
  effect.values = json.at("values");
  return effect;
}

nlohmann::ordered_json incident_json(const Incident& incident) {
  Json json;
  json["id"] = incident.id;
  json["service"] = incident.service;
  json["state"] = incident.closed_at ? "closed" : "open";
  json["opened_at"] = format_rfc3339(incident.opened_at);
  json["closed_at"] = time_or_null(incident.closed_at);
  json["closed_because"] = text_or_null(incident.closed_because);
  json["baseline_version"] = incident.baseline_version;
  json["alarms_left_out"] = incident.alarms_left_out;
  Json& alarms = json["alarms"] = Json::array();
  for (const FiredAlarm& fired : incident.alarms) {
    alarms.push_back({{"name", fired.name},
                      {"subject", fired.subject},
                      {"fired_at", format_rfc3339(fired.fired_at)},
                      {"started", time_or_null(fired.started)},
                      {"resolved_at", time_or_null(fired.resolved_at)},
                      {"return_period_seconds", fired.return_period_s},
                      {"effect", effect_json(fired.effect)},
                      {"reason", fired.reason}});
  }
  return json;
}

Result<Incident> incident_from_json(std::string_view text) {
  return read_stored<Incident>(text, "incident", [](const Json& json) {
    Incident incident;
    incident.id = json.at("id");
    incident.service = json.at("service");
    incident.opened_at = time_at(json, "opened_at");
    incident.closed_at = optional_time_at(json, "closed_at");
    incident.closed_because = text_at(json, "closed_because");
    incident.baseline_version = json.at("baseline_version");
    incident.alarms_left_out = json.at("alarms_left_out");
    for (const Json& fired : json.at("alarms")) incident.alarms.push_back(fired_of(fired));
    return incident;
  });
}

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
// An incident: a stretch of time in which alarms of one service fire. It opens with the first of
// them, others join, and it closes when none fires any more: one thing to tell people of, however
// many features drift together.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "alarm/monitor.h"
#include "core/result.h"

namespace driftguard::alert {

// One alarm's part in it. Texts and figures are those of the moment when it fired.
struct FiredAlarm {
  std::string name;
  std::string subject;  // As alarm::subject_name() says it.
  Time fired_at;
  std::optional<Time> started;      // When the drift seems to have begun.
  std::optional<Time> resolved_at;  // Empty: it fires.
  double return_period_s = 0;
  std::optional<alarm::Effect> effect;
  std::string reason;
};

struct Incident {
  // Alarms kept of one; further ones are counted.
  static constexpr std::size_t kAlarmsMax = 200;

  std::string id;  // Unique in the store.
  std::string service;
  Time opened_at;
  std::optional<Time> closed_at;
  std::string closed_because;  // "resolved", "baseline replaced".
  int baseline_version = 0;
  std::vector<FiredAlarm> alarms;
  std::size_t alarms_left_out = 0;

  bool is_firing() const;
};

// What was under alarm: since the first of its drifts seems to have begun, until it closed;
// while it is open, until kLatest.
TimeRange stretch_of(const Incident& incident);

// Unique for a service, and grows with time: the moment, then the service.
std::string incident_id(const std::string& service, Time opened_at);
inline constexpr std::size_t kIdTimeDigits = 14;  // Of the moment, in hexadecimal.

// As the store keeps it and the API gives it.
nlohmann::ordered_json incident_json(const Incident& incident);
// kCorrupt: it is none.
Result<Incident> incident_from_json(std::string_view text);

// `null` for none. Reading throws what nlohmann's accessors do.
nlohmann::ordered_json effect_json(const std::optional<alarm::Effect>& effect);
std::optional<alarm::Effect> effect_of(const nlohmann::ordered_json& json);

}  // namespace driftguard::alert

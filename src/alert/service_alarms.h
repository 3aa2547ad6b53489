// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alarm/monitor.h"
#include "alert/incident.h"

namespace driftguard::alert {

// A service's alarms at a moment. Immutable; shared between threads.
struct ServiceAlarms {
  std::string service;
  // Events before it count. Empty: nothing was evaluated yet.
  std::optional<Time> evaluated_until;
  int baseline_version = 0;  // 0: without one, or of a file.
  alarm::State state = alarm::State::kInsufficientData;
  std::vector<alarm::Alarm> alarms;
  std::optional<Incident> incident;  // The open one.

  const alarm::Alarm* find(std::string_view name) const;  // Null: there is no such watch.
  // The alarm about what a check is about: of the same name, or of its feature ("amount" of
  // "amount_ks"; of several that fit the longest). Null: there is none.
  const alarm::Alarm* about(std::string_view check) const;
};
// The same in short.
struct AlarmBrief {
  alarm::State state = alarm::State::kInsufficientData;
  std::size_t firing = 0;  // How many alarms do.
  friend bool operator==(const AlarmBrief&, const AlarmBrief&) = default;
};

// Evidence over time, as shares of the threshold: a value a minute, from the first to the last.
struct EvidenceCourse {
  TimeRange range;
  std::vector<std::optional<double>> of_threshold;
};

using ServiceAlarmsPtr = std::shared_ptr<const ServiceAlarms>;

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
// A notice: one thing to tell one receiver about an incident. It is stored in the change that makes
// it due, and stays until it was delivered or given up. What it says is made when it is delivered,
// of the incident as it is then. Values; pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace driftguard::alert {

struct Incident;

// What happened. kReminder: it still fires, and nobody said that he knows.
enum class NoticeEvent { kOpened, kReminder, kResolved };
// "opened", "reminder", "resolved".
std::string_view event_name(NoticeEvent event);

// At most one exists of an incident, an event, a number and a target: that is its key.
struct Notice {
  std::string target;  // The receiver's name.
  std::string service;
  std::string incident;     // Its id.
  Time incident_opened_at;  // With the service, where the incident lies.
  NoticeEvent event = NoticeEvent::kOpened;
  int number = 0;  // Of a reminder, from 1.
  Time due_at;     // Not to be told before.

  Time next_at;                      // When it is tried next.
  int tries = 0;                     // So far, without success.
  std::optional<Time> first_try_at;  // Empty: none yet.
  std::string last_error;            // Of the last try; holds no secret.

  friend bool operator==(const Notice&, const Notice&) = default;
};

// A receiver of notices, as far as making them goes.
struct NoticePlan {
  std::string target;                  // At most 50 bytes, without control characters.
  std::chrono::seconds group_wait{0};  // After which an opening is told.
};

// The notices of an incident that has opened, or closed, at `now`: one a plan.
std::vector<Notice> notices_of(const Incident& incident, NoticeEvent event,
                               const std::vector<NoticePlan>& plans, Time now);

// What names it to its receiver, the same in every try: "INCIDENT-opened", "INCIDENT-reminder-2".
std::string notice_id(const Notice& notice);

// Where it waits; all of a target lie under the prefix, in order of their incidents' time.
std::string waiting_key(const Notice& notice);
std::string waiting_prefix(std::string_view target);

// As the store keeps it, and the API gives it.
nlohmann::ordered_json notice_json(const Notice& notice);
Result<Notice> notice_from_json(std::string_view text);  // kCorrupt: it is none.

}  // namespace driftguard::alert

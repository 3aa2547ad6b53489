// SPDX-License-Identifier: Apache-2.0
// What is told of an incident, and the words that every receiver's form shares. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "alert/incident.h"
#include "alert/notice.h"

namespace driftguard::notify {

struct Message {
  alert::NoticeEvent event = alert::NoticeEvent::kOpened;
  int number = 0;  // Of a reminder.
  bool test = false;
  std::string id;            // The same in every try: a receiver may know it again.
  alert::Incident incident;  // As it is now; alarms that are silenced are left out.
  std::size_t silenced = 0;  // How many.
  Time now;
  std::string page;  // Where people find the page, without a slash at its end; empty: no links.

  // An opening that is told late may be over already.
  bool is_over() const { return incident.closed_at.has_value(); }
};

// A message that tells of nothing: to try a receiver.
Message test_message(Time now, std::string page);

// One line: "payments_api: 3 alarms fire".
std::string headline(const Message& message);
// When it began and ended, in a sentence; times are UTC.
std::string when_text(const Message& message);
// How surely it is no chance: "by chance once in 3.4 years".
std::string surety_text(const alert::FiredAlarm& alarm);
// How big it is: "59.2 %, baseline 40.0 %"; empty when that is not known.
std::string size_text(const alert::FiredAlarm& alarm);
// The page that shows it; empty without a page.
std::string link_of(const Message& message);
// All of it as text, for what shows no more than that.
std::string plain_text(const Message& message);

// The alarms to name: those that fire first, then by how sure they are; at most `limit`.
std::vector<const alert::FiredAlarm*> chosen_alarms(const Message& message, std::size_t limit);

// All of it, for programs: what a webhook and a command get (docs/NOTIFICATIONS.md).
nlohmann::ordered_json message_json(const Message& message);

// At most so many bytes, cut between characters, with an ellipsis.
std::string shortened(const std::string& text, std::size_t bytes_max);

}  // namespace driftguard::notify

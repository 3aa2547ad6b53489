// SPDX-License-Identifier: Apache-2.0
// What people and receivers were told of an incident, and who answered: beside the incident,
// because others write it. Values; pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "alert/notice.h"
#include "core/result.h"

namespace driftguard::alert {

// Somebody knows of the incident: nobody is reminded of it any more.
struct Acknowledgement {
  static constexpr std::size_t kWhoBytesMax = 200;
  static constexpr std::size_t kNoteBytesMax = 1'000;

  std::string who;
  std::string note;  // May be empty.
  Time at;
};

// How a notice ended. kFailed: given up; kSkipped: there was no need to tell it.
enum class NoticeEnd { kSent, kFailed, kSkipped };
// "sent", "failed", "skipped".
std::string_view end_name(NoticeEnd end);

struct ToldNotice {
  std::string target;
  NoticeEvent event = NoticeEvent::kOpened;
  int number = 0;
  NoticeEnd end = NoticeEnd::kSent;
  Time at;
  int tries = 0;             // With the last one.
  std::string detail;        // What came back, or why it was skipped; holds no secret.
  bool told_closed = false;  // The message said that the incident is over, too.
};

struct IncidentLog {
  // Kept of an incident: further ones push the oldest reminders out.
  static constexpr std::size_t kToldMax = 200;

  std::optional<Acknowledgement> acknowledgement;
  std::vector<ToldNotice> told;  // As they ended.

  const ToldNotice* find(const std::string& target, NoticeEvent event, int number = 0) const;
  void add(ToldNotice notice);
};

nlohmann::ordered_json acknowledgement_json(const std::optional<Acknowledgement>& acknowledgement);
nlohmann::ordered_json told_json(const ToldNotice& notice);

// As the store keeps it.
std::string encode_log(const IncidentLog& log);
Result<IncidentLog> decode_log(std::string_view text);  // kCorrupt: it is none.

}  // namespace driftguard::alert

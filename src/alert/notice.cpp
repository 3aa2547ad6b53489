// SPDX-License-Identifier: Apache-2.0
#include "alert/notice.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "alert/documents.h"
#include "alert/incident.h"
#include "alert/json_reading.h"

namespace driftguard::alert {

std::string_view event_name(NoticeEvent event) {
  switch (event) {
    case NoticeEvent::kOpened:
      return "opened";
    case NoticeEvent::kReminder:
      return "reminder";
    case NoticeEvent::kResolved:
      return "resolved";
  }
  return "";
}

std::vector<Notice> notices_of(const Incident& incident, NoticeEvent event,
                               const std::vector<NoticePlan>& plans, Time now) {
  std::vector<Notice> notices;
  for (const NoticePlan& plan : plans) {
    Notice notice;
    notice.target = plan.target;
    notice.service = incident.service;
    notice.incident = incident.id;
    notice.incident_opened_at = incident.opened_at;
    notice.event = event;
    notice.due_at = event == NoticeEvent::kOpened ? now + plan.group_wait : now;
    notice.next_at = notice.due_at;
    notices.push_back(std::move(notice));
  }
  return notices;
}

std::string notice_id(const Notice& notice) {
  std::string id = fmt::format("{}-{}", notice.incident, event_name(notice.event));
  if (notice.event == NoticeEvent::kReminder) id += fmt::format("-{}", notice.number);
  return id;
}

std::string waiting_prefix(std::string_view target) {
  return document_key(kWaitingNoticeKind, target);
}

std::string waiting_key(const Notice& notice) {
  return waiting_prefix(notice.target) + notice_id(notice);
}

nlohmann::ordered_json notice_json(const Notice& notice) {
  nlohmann::ordered_json json;
  json["target"] = notice.target;
  json["service"] = notice.service;
  json["incident"] = notice.incident;
  json["incident_opened_at"] = format_rfc3339(notice.incident_opened_at);
  json["event"] = event_name(notice.event);
  json["number"] = notice.number;
  json["due_at"] = format_rfc3339(notice.due_at);
  json["next_at"] = format_rfc3339(notice.next_at);
  json["tries"] = notice.tries;
  json["first_try_at"] = time_or_null(notice.first_try_at);
  json["last_error"] = text_or_null(notice.last_error);
  return json;
}

Result<Notice> notice_from_json(std::string_view text) {
  return read_stored<Notice>(text, "notice", [](const nlohmann::ordered_json& json) {
    Notice notice;
    notice.target = json.at("target");
    notice.service = json.at("service");
    notice.incident = json.at("incident");
    notice.incident_opened_at = time_at(json, "incident_opened_at");
    notice.event = event_at(json, "event");
    notice.number = json.at("number");
    notice.due_at = time_at(json, "due_at");
    notice.next_at = time_at(json, "next_at");
    notice.tries = json.at("tries");
    notice.first_try_at = optional_time_at(json, "first_try_at");
    notice.last_error = text_at(json, "last_error");
    return notice;
  });
}

}  // namespace driftguard::alert

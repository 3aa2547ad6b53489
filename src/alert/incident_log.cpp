// SPDX-License-Identifier: Apache-2.0
#include "alert/incident_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "alert/json_reading.h"

namespace driftguard::alert {
namespace {

using Json = nlohmann::ordered_json;

NoticeEnd end_at(const Json& json, const char* key) {
  const std::string name = json.at(key);
  for (const NoticeEnd end : {NoticeEnd::kSent, NoticeEnd::kFailed, NoticeEnd::kSkipped}) {
    if (end_name(end) == name) return end;
  }
  throw std::invalid_argument("no end of a notice: " + name);
}

ToldNotice told_of(const Json& json) {
  ToldNotice told;
  told.target = json.at("target");
  told.event = event_at(json, "event");
  told.number = json.at("number");
  told.end = end_at(json, "state");
  told.at = time_at(json, "at");
  told.tries = json.at("tries");
  told.detail = text_at(json, "detail");
  told.told_closed = json.at("told_closed");
  return told;
}

}  // namespace

std::string_view end_name(NoticeEnd end) {
  switch (end) {
    case NoticeEnd::kSent:
      return "sent";
    case NoticeEnd::kFailed:
      return "failed";
    case NoticeEnd::kSkipped:
      return "skipped";
  }
  return "";
}

const ToldNotice* IncidentLog::find(const std::string& target, NoticeEvent event,
                                    int number) const {
  const auto at = std::find_if(told.begin(), told.end(), [&](const ToldNotice& one) {
    return one.target == target && one.event == event && one.number == number;
  });
  return at == told.end() ? nullptr : &*at;
}

void IncidentLog::add(ToldNotice notice) {
  told.push_back(std::move(notice));
  if (told.size() <= kToldMax) return;
  const auto reminder = std::find_if(told.begin(), told.end(), [](const ToldNotice& one) {
    return one.event == NoticeEvent::kReminder;
  });
  told.erase(reminder == told.end() ? told.begin() : reminder);
}

Json acknowledgement_json(const std::optional<Acknowledgement>& acknowledgement) {
  if (!acknowledgement) return nullptr;
  return {{"who", acknowledgement->who},
          {"note", acknowledgement->note},
          {"at", format_rfc3339(acknowledgement->at)}};
}

Json told_json(const ToldNotice& notice) {
  return {{"target", notice.target},
          {"event", event_name(notice.event)},
          {"number", notice.number},
          {"state", end_name(notice.end)},
          {"at", format_rfc3339(notice.at)},
          {"tries", notice.tries},
          {"detail", text_or_null(notice.detail)}};
}

std::string encode_log(const IncidentLog& log) {
  Json json;
  json["acknowledgement"] = acknowledgement_json(log.acknowledgement);
  Json& told = json["told"] = Json::array();
  for (const ToldNotice& notice : log.told) {
    told.push_back(told_json(notice));
    told.back()["told_closed"] = notice.told_closed;
  }
  return stored_text(json);
}

Result<IncidentLog> decode_log(std::string_view text) {
  return read_stored<IncidentLog>(text, "log of an incident", [](const Json& json) {
    IncidentLog log;
    if (const Json& known = json.at("acknowledgement"); !known.is_null()) {
      log.acknowledgement = {known.at("who"), known.at("note"), time_at(known, "at")};
    }
    for (const Json& notice : json.at("told")) log.told.push_back(told_of(notice));
    return log;
  });
}

}  // namespace driftguard::alert

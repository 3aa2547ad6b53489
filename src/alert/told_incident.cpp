// SPDX-License-Identifier: Apache-2.0
#include "alert/told_incident.h"

#include <map>
#include <nlohmann/json.hpp>

#include "alert/json_reading.h"

namespace driftguard::alert {
namespace {

using Json = nlohmann::ordered_json;
using Keys = std::map<std::string, std::vector<std::string>>;  // By incident.

Result<Keys> keys_by_incident(Outbox& outbox, const std::vector<Incident>& incidents) {
  Keys keys;
  for (const Incident& incident : incidents) keys[incident.id];
  Result<std::vector<std::string>> all = outbox.waiting_keys("");
  if (!all) return all.error();
  for (std::string& key : *all) {
    // KIND, TARGET and the notice's id, which begins with the incident's: "TIME-SERVICE-opened".
    const std::string id = key.substr(key.rfind('\0') + 1);
    const auto at = keys.find(id.substr(0, id.find('-', id.find('-') + 1)));
    if (at != keys.end()) at->second.push_back(std::move(key));
  }
  return keys;
}

Json waiting_json(const Notice& notice) {
  return {{"target", notice.target}, {"event", event_name(notice.event)},
          {"number", notice.number}, {"state", "waiting"},
          {"at", nullptr},           {"next_at", format_rfc3339(notice.next_at)},
          {"tries", notice.tries},   {"detail", text_or_null(notice.last_error)}};
}

Json ended_json(const ToldNotice& notice) {
  Json json = told_json(notice);
  json["next_at"] = nullptr;
  return json;
}

bool is_ahead(const Notice& notice, Time now) {
  return notice.event == NoticeEvent::kReminder && notice.tries == 0 && now < notice.due_at;
}

}  // namespace

Result<Json> told_incidents(Outbox& outbox, Silences& silences,
                            const std::vector<Incident>& incidents, Time now) {
  Json all = Json::array();
  if (incidents.empty()) return all;
  const Result<std::vector<Silence>> silent = silences.list();
  if (!silent) return silent.error();
  const Result<Keys> keys = keys_by_incident(outbox, incidents);
  if (!keys) return keys.error();
  for (const Incident& incident : incidents) {
    const Result<IncidentLog> log = outbox.log_of(incident.service, incident.opened_at);
    if (!log) return log.error();
    Json json = incident_json(incident);
    json["acknowledgement"] = acknowledgement_json(log->acknowledgement);
    json["silenced"] = !incident.closed_at && audible_of(incident, *silent, now).is_silent();
    Json& notices = json["notices"] = Json::array();
    for (const ToldNotice& notice : log->told) notices.push_back(ended_json(notice));
    for (const std::string& key : keys->at(incident.id)) {
      const Result<std::optional<Notice>> notice = outbox.load(key);
      if (!notice) return notice.error();
      if (*notice && !is_ahead(**notice, now)) notices.push_back(waiting_json(**notice));
    }
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace driftguard::alert

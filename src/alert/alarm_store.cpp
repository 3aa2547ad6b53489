// SPDX-License-Identifier: Apache-2.0
#include "alert/alarm_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "alert/documents.h"
#include "alert/json_reading.h"
#include "core/sealed.h"

namespace driftguard::alert {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::string_view kWhat = "a stored state of alarms";

std::string pack(const StoredState& state) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.text(state.identity);
  out.zigzag(state.evaluated);
  out.text(state.monitor);
  out.varint(state.courses.size());
  for (const Course& course : state.courses) course.encode(out);
  out.text(state.incident ? incident_json(*state.incident).dump() : "");
  return seal(std::move(bytes));
}

Result<StoredState> unpack(std::string_view bytes) {
  const Result<std::string_view> body = unseal(bytes, kVersion, kWhat);
  if (!body) return body.error();
  ByteReader in(*body);
  StoredState state;
  state.identity = in.text();
  state.evaluated = in.zigzag();
  state.monitor = in.text();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    state.courses.push_back(Course::decode(in));
  }
  const std::string_view incident = in.text();
  if (!in.done()) return Error{ErrorCode::kCorrupt, std::string(kWhat) + " is malformed"};
  if (incident.empty()) return state;
  Result<Incident> open = incident_from_json(incident);
  if (!open) return open.error();
  state.incident = std::move(*open);
  return state;
}

std::string incident_key(const Incident& incident) {
  return document_key(kIncidentKind, incident.service, incident.opened_at);
}

Time opened_at(const std::string& incident_key) {
  const std::string_view time = std::string_view(incident_key).substr(incident_key.size() - 8);
  return time_from_us(static_cast<std::int64_t>(ByteReader(time).big_endian64()));
}

// Keys of incidents that are one too many, with those of their logs.
Result<std::vector<std::string>> old_incidents(store::Store& store, const std::string& service) {
  Result<std::vector<std::string>> keys =
      store.list_documents(document_key(kIncidentKind, service));
  if (!keys) return keys.error();
  keys->resize(keys->size() - std::min(keys->size(), kIncidentsKept - 1));
  const std::size_t incidents = keys->size();
  for (std::size_t i = 0; i < incidents; ++i) {
    keys->push_back(document_key(kIncidentLogKind, service, opened_at((*keys)[i])));
  }
  return keys;
}

}  // namespace

Result<std::optional<StoredState>> load_state(store::Store& store, const std::string& service) {
  Result<std::optional<std::string>> bytes = store.get_document(document_key(kStateKind, service));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<StoredState>();
  Result<StoredState> state = unpack(**bytes);
  if (!state) return state.error();
  return std::optional(std::move(*state));
}

Result<bool> store_state(store::Store& store, std::span<const store::DocumentExpectation> proof,
                         ServiceState& service, std::span<const Notice> notices) {
  std::vector<std::pair<std::string, std::optional<std::string>>> documents;
  documents.emplace_back(document_key(kStateKind, service.name), pack(service.state()));
  for (const Incident& incident : service.news()) {
    documents.emplace_back(incident_key(incident), incident_json(incident).dump());
  }
  for (const Notice& notice : notices) {
    documents.emplace_back(waiting_key(notice), stored_text(notice_json(notice)));
  }
  if (service.has_news()) {
    Result<std::vector<std::string>> old = old_incidents(store, service.name);
    if (!old) return old.error();
    for (std::string& key : *old) documents.emplace_back(std::move(key), std::nullopt);
  }
  std::vector<store::DocumentWrite> writes;
  for (const auto& [key, value] : documents) writes.push_back({key, value});
  Result<bool> stored = store.change_documents(proof, writes);
  if (stored && *stored) service.clear_news();
  return stored;
}

Result<std::optional<Incident>> load_incident(store::Store& store, const std::string& service,
                                              Time opened_at) {
  Result<std::optional<std::string>> text =
      store.get_document(document_key(kIncidentKind, service, opened_at));
  if (!text) return text.error();
  if (!*text) return std::optional<Incident>();
  Result<Incident> incident = incident_from_json(**text);
  if (!incident) return incident.error();
  return std::optional(std::move(*incident));
}

Result<Incident> find_incident(store::Store& store, const std::string& id) {
  Result<std::vector<std::string>> keys = store.list_documents(document_prefix(kIncidentKind));
  if (!keys) return keys.error();
  for (const std::string& key : *keys) {
    // An id begins with the time.
    if (!id.starts_with(incident_id("", opened_at(key)).substr(0, kIdTimeDigits))) continue;
    Result<std::optional<std::string>> text = store.get_document(key);
    if (!text) return text.error();
    if (!*text) continue;
    Result<Incident> incident = incident_from_json(**text);
    if (!incident) return incident.error();
    if (incident->id == id) return incident;
  }
  return Error{ErrorCode::kNotFound, "there is no incident " + id};
}

Result<std::vector<Incident>> list_incidents(store::Store& store, const std::string& service,
                                             std::size_t limit) {
  Result<std::vector<std::string>> keys = store.list_documents(
      service.empty() ? document_prefix(kIncidentKind) : document_key(kIncidentKind, service));
  if (!keys) return keys.error();
  std::stable_sort(keys->begin(), keys->end(), [](const std::string& a, const std::string& b) {
    return opened_at(a) > opened_at(b);
  });
  keys->resize(std::min(keys->size(), limit));
  std::vector<Incident> incidents;
  for (const std::string& key : *keys) {
    Result<std::optional<std::string>> json = store.get_document(key);
    if (!json) return json.error();
    if (!*json) continue;  // Dropped meanwhile.
    Result<Incident> incident = incident_from_json(**json);
    if (!incident) return incident.error();
    incidents.push_back(std::move(*incident));
  }
  return incidents;
}

}  // namespace driftguard::alert

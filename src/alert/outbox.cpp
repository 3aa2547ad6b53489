// SPDX-License-Identifier: Apache-2.0
#include "alert/outbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "alert/alarm_store.h"
#include "alert/documents.h"
#include "alert/json_reading.h"

namespace driftguard::alert {
namespace {

// Of several that write one incident's log at once, all but one have to begin again.
constexpr int kTriesMax = 20;

Result<void> check(const Acknowledgement& acknowledgement) {
  if (acknowledgement.who.empty()) {
    return Error{ErrorCode::kInvalidArgument, "who: say who acknowledges"};
  }
  for (const auto& [name, text, most] :
       {std::tuple{"who", &acknowledgement.who, Acknowledgement::kWhoBytesMax},
        std::tuple{"note", &acknowledgement.note, Acknowledgement::kNoteBytesMax}}) {
    if (text->size() <= most) continue;
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: longer than {} bytes", name, most)};
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> Outbox::waiting_keys(const std::string& target) {
  return store_.list_documents(target.empty() ? document_prefix(kWaitingNoticeKind)
                                              : waiting_prefix(target));
}

Result<std::optional<Notice>> Outbox::load(const std::string& waiting_key) {
  Result<std::optional<std::string>> text = store_.get_document(waiting_key);
  if (!text) return text.error();
  if (!*text) return std::optional<Notice>();
  Result<Notice> notice = notice_from_json(**text);
  if (!notice) return notice.error();
  return std::optional(std::move(*notice));
}

Result<std::vector<Notice>> Outbox::waiting(std::size_t limit) {
  Result<std::vector<std::string>> keys = waiting_keys("");
  if (!keys) return keys.error();
  keys->resize(std::min(keys->size(), limit));
  std::vector<Notice> notices;
  for (const std::string& key : *keys) {
    Result<std::optional<Notice>> notice = load(key);
    if (!notice) return notice.error();
    if (*notice) notices.push_back(std::move(**notice));
  }
  return notices;
}

Result<Outbox::StoredLog> Outbox::read_log(const std::string& key) {
  StoredLog stored;
  Result<std::optional<std::string>> text = store_.get_document(key);
  if (!text) return text.error();
  stored.text = std::move(*text);
  if (!stored.text) return stored;
  Result<IncidentLog> log = decode_log(*stored.text);
  if (!log) return log.error();
  stored.log = std::move(*log);
  return stored;
}

Result<IncidentLog> Outbox::log_of(const std::string& service, Time incident_opened_at) {
  Result<StoredLog> stored = read_log(document_key(kIncidentLogKind, service, incident_opened_at));
  if (!stored) return stored.error();
  return std::move(stored->log);
}

Result<bool> Outbox::finish(Proof proof, const Notice& notice,
                            const std::optional<ToldNotice>& told,
                            const std::optional<Notice>& next) {
  const std::string key = document_key(kIncidentLogKind, notice.service, notice.incident_opened_at);
  const std::string waits = waiting_key(notice);
  const std::string next_key = next ? waiting_key(*next) : "";
  const std::string next_text = next ? stored_text(notice_json(*next)) : "";
  for (int attempt = 0; attempt < kTriesMax; ++attempt) {
    std::vector<store::DocumentExpectation> expected(proof.begin(), proof.end());
    std::vector<store::DocumentWrite> writes{{waits, {}}};
    if (next && next_key != waits) writes.push_back({next_key, next_text});
    if (next && next_key == waits) writes.front().value = next_text;
    StoredLog before;
    std::string after;
    if (told) {
      Result<StoredLog> stored = read_log(key);
      if (!stored) return stored.error();
      before = std::move(*stored);
      before.log.add(*told);
      after = encode_log(before.log);
      expected.push_back({key, before.text});
      writes.push_back({key, after});
    }
    Result<bool> done = store_.change_documents(expected, writes);
    if (!done || *done || !told) return done;
    // The log may have changed; if it has not, the proof is gone.
    Result<StoredLog> again = read_log(key);
    if (!again) return again.error();
    if (again->text == before.text) return false;
  }
  return Error{ErrorCode::kOverloaded, "others keep writing the log of an incident"};
}

Result<bool> Outbox::keep(Proof proof, const Notice& notice) {
  const std::string key = waiting_key(notice);
  const std::string text = stored_text(notice_json(notice));
  const store::DocumentWrite write{key, text};
  return store_.change_documents(proof, {&write, 1});
}

Result<Incident> Outbox::acknowledge(const std::string& id,
                                     const Acknowledgement& acknowledgement) {
  if (auto sound = check(acknowledgement); !sound) return sound.error();
  Result<Incident> incident = find_incident(store_, id);
  if (!incident) return incident;
  if (incident->closed_at) {
    return Error{ErrorCode::kConflict, fmt::format("incident {} is over", id)};
  }
  const std::string key = document_key(kIncidentLogKind, incident->service, incident->opened_at);
  for (int attempt = 0; attempt < kTriesMax; ++attempt) {
    Result<StoredLog> stored = read_log(key);
    if (!stored) return stored.error();
    if (const auto& known = stored->log.acknowledgement) {
      return Error{ErrorCode::kConflict,
                   fmt::format("{} acknowledged it at {}", known->who, format_rfc3339(known->at))};
    }
    stored->log.acknowledgement = acknowledgement;
    const std::string after = encode_log(stored->log);
    const store::DocumentExpectation expected{key, stored->text};
    const store::DocumentWrite write{key, after};
    Result<bool> done = store_.change_documents({&expected, 1}, {&write, 1});
    if (!done) return done.error();
    if (*done) return incident;
  }
  return Error{ErrorCode::kOverloaded, "others keep writing the log of an incident"};
}

}  // namespace driftguard::alert

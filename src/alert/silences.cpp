// SPDX-License-Identifier: Apache-2.0
#include "alert/silences.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "alert/documents.h"
#include "alert/json_reading.h"

namespace driftguard::alert {
namespace {

using Json = nlohmann::ordered_json;

// Of several that change the silences at once, all but one have to begin again.
constexpr int kTriesMax = 20;

std::string key() { return document_prefix(kSilencesKind); }

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

Result<void> check(const Silence& silence, Time now) {
  for (const auto& [name, text] :
       {std::pair{"service", &silence.service}, std::pair{"alarm", &silence.alarm},
        std::pair{"reason", &silence.reason}, std::pair{"who", &silence.who}}) {
    if (text->size() > Silences::kTextBytesMax) {
      return misfit(fmt::format("{}: longer than {} bytes", name, Silences::kTextBytesMax));
    }
  }
  if (silence.who.empty()) return misfit("who: say who silences");
  if (silence.reason.empty()) return misfit("reason: say why");
  if (silence.ends_at <= now) return misfit("ends_at: lies in the past");
  if (silence.ends_at - now > Silences::kLongest) return misfit("ends_at: more than a year ahead");
  return {};
}

Json stored_json(const Silence& silence) {
  return {{"id", silence.id},
          {"service", text_or_null(silence.service)},
          {"alarm", text_or_null(silence.alarm)},
          {"created_at", format_rfc3339(silence.created_at)},
          {"ends_at", format_rfc3339(silence.ends_at)},
          {"reason", silence.reason},
          {"who", silence.who},
          {"ended_at", time_or_null(silence.ended_at)},
          {"ended_by", text_or_null(silence.ended_by)}};
}

Silence silence_of(const Json& json) {
  Silence silence;
  silence.id = json.at("id");
  silence.service = text_at(json, "service");
  silence.alarm = text_at(json, "alarm");
  silence.created_at = time_at(json, "created_at");
  silence.ends_at = time_at(json, "ends_at");
  silence.reason = json.at("reason");
  silence.who = json.at("who");
  silence.ended_at = optional_time_at(json, "ended_at");
  silence.ended_by = text_at(json, "ended_by");
  return silence;
}

}  // namespace

bool Silence::covers(const std::string& of_service, const std::string& of_alarm) const {
  return (service.empty() || service == of_service) && (alarm.empty() || alarm == of_alarm);
}

Json silence_json(const Silence& silence, Time now) {
  Json json = stored_json(silence);
  json["active"] = silence.is_active(now);
  return json;
}

bool Audible::is_silent() const {
  if (silenced == 0) return false;
  // Alarms that are not kept count as heard: nobody silenced them by name.
  if (incident.alarms_left_out > 0) return false;
  return incident.closed_at ? incident.alarms.empty() : !incident.is_firing();
}

Audible audible_of(const Incident& incident, const std::vector<Silence>& silences, Time now) {
  Audible audible{incident};
  const auto covered = [&](const std::string& alarm) {
    return std::any_of(silences.begin(), silences.end(), [&](const Silence& silence) {
      return silence.is_active(now) && silence.covers(incident.service, alarm);
    });
  };
  // A name that no alarm has: only what silences every alarm covers it.
  if (covered("\n")) audible.incident.alarms_left_out = 0;
  audible.silenced = std::erase_if(audible.incident.alarms,
                                   [&](const FiredAlarm& fired) { return covered(fired.name); });
  return audible;
}

std::string Silences::encode(const Kept& kept) {
  Json json{{"last_id", kept.last_id}};
  Json& list = json["silences"] = Json::array();
  for (const Silence& silence : kept.silences) list.push_back(stored_json(silence));
  return stored_text(json);
}

Result<Silences::Kept> Silences::decode(std::string_view text) {
  return read_stored<Kept>(text, "list of silences", [](const Json& json) {
    Kept kept;
    kept.last_id = json.at("last_id");
    for (const Json& silence : json.at("silences")) kept.silences.push_back(silence_of(silence));
    return kept;
  });
}

Result<std::vector<Silence>> Silences::list() {
  Result<std::optional<std::string>> text = store_.get_document(key());
  if (!text) return text.error();
  if (!*text) return std::vector<Silence>();
  Result<Kept> kept = decode(**text);
  if (!kept) return kept.error();
  std::reverse(kept->silences.begin(), kept->silences.end());
  return std::move(kept->silences);
}

Result<void> Silences::change(const Change& edit) {
  for (int attempt = 0; attempt < kTriesMax; ++attempt) {
    Result<std::optional<std::string>> text = store_.get_document(key());
    if (!text) return text.error();
    Result<Kept> kept = *text ? decode(**text) : Kept{};
    if (!kept) return kept.error();
    if (auto changed = edit(*kept); !changed) return changed;
    const std::string at = key();
    const std::string next = encode(*kept);
    const store::DocumentExpectation expected{at, *text};
    const store::DocumentWrite write{at, next};
    Result<bool> done = store_.change_documents({&expected, 1}, {&write, 1});
    if (!done) return done.error();
    if (*done) return {};
  }
  return Error{ErrorCode::kOverloaded, "others keep changing the silences; try again"};
}

Result<Silence> Silences::add(Silence silence) {
  const Time now = clock_.now();
  if (auto sound = check(silence, now); !sound) return sound.error();
  silence.created_at = now;
  silence.ended_at.reset();
  auto changed = change([&](Kept& kept) -> Result<void> {
    while (kept.silences.size() >= kKeptMax) {
      const auto ended = std::find_if(kept.silences.begin(), kept.silences.end(),
                                      [&](const Silence& one) { return !one.is_active(now); });
      if (ended == kept.silences.end()) {
        return Error{ErrorCode::kTooLarge,
                     fmt::format("{} silences are active already; end some", kKeptMax)};
      }
      kept.silences.erase(ended);
    }
    silence.id = ++kept.last_id;
    kept.silences.push_back(silence);
    return {};
  });
  if (!changed) return changed.error();
  return silence;
}

Result<Silence> Silences::end(int id, std::string who) {
  if (who.empty()) return misfit("who: say who ends it");
  if (who.size() > kTextBytesMax) {
    return misfit(fmt::format("who: longer than {} bytes", kTextBytesMax));
  }
  const Time now = clock_.now();
  Silence ended;
  auto changed = change([&](Kept& kept) -> Result<void> {
    const auto at = std::find_if(kept.silences.begin(), kept.silences.end(),
                                 [id](const Silence& one) { return one.id == id; });
    if (at == kept.silences.end()) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no silence {}", id)};
    }
    if (!at->is_active(now)) {
      return Error{ErrorCode::kConflict, fmt::format("silence {} has ended already", id)};
    }
    at->ended_at = now;
    at->ended_by = who;
    ended = *at;
    return {};
  });
  if (!changed) return changed.error();
  return ended;
}

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#include "guard/override.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace driftguard::guard {
namespace {

using Json = nlohmann::ordered_json;

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

Result<void> check_text(std::string_view name, std::string_view text, std::size_t bytes_max) {
  const bool blank = std::all_of(text.begin(), text.end(), [](char c) { return c == ' '; });
  if (blank) return misfit(fmt::format("{}: it is needed", name));
  if (text.size() > bytes_max) {
    return misfit(fmt::format("{}: longer than {} bytes", name, bytes_max));
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control) return misfit(fmt::format("{}: it holds control characters", name));
  return {};
}

Time time_of(const Json& json, const char* key) {
  const Result<Time> time = parse_rfc3339(json.at(key).get<std::string>());
  return time ? *time : throw std::invalid_argument(key);
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "allow";
    case Verdict::kDeny:
      return "deny";
  }
  return "";
}

std::optional<Verdict> verdict_named(std::string_view name) {
  if (name == "allow") return Verdict::kAllow;
  if (name == "deny") return Verdict::kDeny;
  return std::nullopt;
}

Result<void> OverrideOrder::check(Time now) const {
  if (auto fits = check_text("service", service, kNameBytesMax); !fits) return fits;
  if (endpoint) {
    if (auto fits = check_text("endpoint", *endpoint, kNameBytesMax); !fits) return fits;
  }
  if (auto fits = check_text("reason", reason, kReasonBytesMax); !fits) return fits;
  if (auto fits = check_text("by", by, kNameBytesMax); !fits) return fits;
  if (until <= now) return misfit("until: it lies in the past");
  if (until > now + kLongest) {
    return misfit(fmt::format("until: more than {} days ahead", kLongest / std::chrono::days(1)));
  }
  return {};
}

Json override_json(const Override& one, Time now) {
  Json json;
  json["id"] = one.id;
  json["service"] = one.order.service;
  json["endpoint"] = one.order.endpoint ? Json(*one.order.endpoint) : Json(nullptr);
  json["decision"] = verdict_name(one.order.verdict);
  json["reason"] = one.order.reason;
  json["by"] = one.order.by;
  json["created_at"] = format_rfc3339(one.created_at);
  json["until"] = format_rfc3339(one.order.until);
  json["holds"] = one.holds(now);
  if (one.ended_at) {
    json["ended_at"] = format_rfc3339(*one.ended_at);
    json["ended_by"] = one.ended_by;
    json["ended_because"] = one.ended_because;
  }
  return json;
}

Result<Override> override_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Override one;
    one.id = json.at("id").get<std::int64_t>();
    one.order.service = json.at("service").get<std::string>();
    if (!json.at("endpoint").is_null()) one.order.endpoint = json["endpoint"].get<std::string>();
    const auto verdict = verdict_named(json.at("decision").get<std::string>());
    if (!verdict) throw std::invalid_argument("decision");
    one.order.verdict = *verdict;
    one.order.reason = json.at("reason").get<std::string>();
    one.order.by = json.at("by").get<std::string>();
    one.created_at = time_of(json, "created_at");
    one.order.until = time_of(json, "until");
    if (json.contains("ended_at")) {
      one.ended_at = time_of(json, "ended_at");
      one.ended_by = json.at("ended_by").get<std::string>();
      one.ended_because = json.at("ended_because").get<std::string>();
    }
    return one;
  } catch (const std::exception&) {
    return Error{ErrorCode::kCorrupt, "a stored override of the guard does not read back"};
  }
}

}  // namespace driftguard::guard

// SPDX-License-Identifier: Apache-2.0
// Reading documents that are JSON: what a member is, or an exception that read_stored() turns into
// an Error. Pure, safe from any thread.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "alert/notice.h"
#include "core/result.h"
#include "core/time.h"

namespace driftguard::alert {

inline nlohmann::ordered_json time_or_null(const std::optional<Time>& time) {
  if (!time) return nullptr;
  return format_rfc3339(*time);
}
inline nlohmann::ordered_json text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return text;
}

// Bytes that are no UTF-8 are replaced.
inline std::string stored_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

inline Time time_at(const nlohmann::ordered_json& json, const char* key) {
  const Result<Time> time = parse_rfc3339(json.at(key).get<std::string>());
  if (!time) throw std::invalid_argument(time.error().detail);
  return *time;
}
inline std::optional<Time> optional_time_at(const nlohmann::ordered_json& json, const char* key) {
  if (json.at(key).is_null()) return std::nullopt;
  return time_at(json, key);
}
// Empty for null.
inline std::string text_at(const nlohmann::ordered_json& json, const char* key) {
  return json.at(key).is_null() ? "" : json.at(key).get<std::string>();
}
inline NoticeEvent event_at(const nlohmann::ordered_json& json, const char* key) {
  const std::string name = json.at(key);
  for (const NoticeEvent event :
       {NoticeEvent::kOpened, NoticeEvent::kReminder, NoticeEvent::kResolved}) {
    if (event_name(event) == name) return event;
  }
  throw std::invalid_argument("no event: " + name);
}

// kCorrupt: `text` is no JSON, or `read` throws.
template <typename T, typename Read>
Result<T> read_stored(std::string_view text, std::string_view what, Read read) {
  try {
    return read(nlohmann::ordered_json::parse(text));
  } catch (const std::exception& error) {
    return Error{ErrorCode::kCorrupt,
                 fmt::format("a stored {} does not read back: {}", what, error.what())};
  }
}

}  // namespace driftguard::alert

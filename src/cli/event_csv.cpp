// SPDX-License-Identifier: Apache-2.0
#include "cli/event_csv.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/time.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::json;

void append_field(std::string_view field, std::string& out) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// A text, or a number as it is written; empty when it is something else or nothing.
std::string member(const Json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end()) return {};
  if (at->is_string()) return at->get<std::string>();
  return at->is_number() ? at->dump() : std::string();
}

std::string utc(const std::string& ts) {
  const Result<Time> time = parse_rfc3339(ts);
  return time ? format_rfc3339(*time) : ts;
}

}  // namespace

void append_event_csv(std::string_view event, std::string& out) {
  Json json = Json::parse(event, nullptr, false);
  if (!json.is_object()) json = Json::object();
  Json response = json.value("response", Json());
  if (!response.is_object()) response = Json::object();
  const std::string ts = utc(member(json, "ts"));
  for (const std::string& field :
       {ts, member(json, "service"), member(json, "endpoint"), member(json, "host"),
        member(response, "status"), member(response, "duration_ms")}) {
    append_field(field, out);
    out += ',';
  }
  append_field(event, out);
  out += "\r\n";
}

}  // namespace driftguard::cli

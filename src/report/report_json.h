// SPDX-License-Identifier: Apache-2.0
// How numbers, checks and references to baselines are written, the same in every answer.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "report/report.h"

namespace driftguard::report {

using Json = nlohmann::ordered_json;

// A real number; null when there is none, or it is not finite.
Json real(double value);
Json real(const std::optional<double>& value);

// A measured quantity: a whole number is written as one.
Json quantity(double value);
Json quantity(const std::optional<double>& value);
Json quantities(const std::vector<double>& values);

inline constexpr std::size_t kChangesShownMax = 100;  // Of a schema, or of a feature.
Json check_json(const Check& check);
Json baseline_json(const std::optional<BaselineRef>& baseline);

// What an answer about one window begins with: when, of what, against which baseline. `Answer` has
// Report's members for it.
template <typename Answer>
Json head_json(const Answer& answer) {
  Json json;
  json["generated_at"] = format_rfc3339(answer.generated_at);
  json["window_minutes"] = answer.window_minutes;
  json["from"] = format_rfc3339(answer.covers.from);
  json["to"] = format_rfc3339(answer.covers.to);
  json["samples"] = answer.samples;
  json["service"] = answer.segment.service;
  if (answer.segment.endpoint) json["endpoint"] = *answer.segment.endpoint;
  if (answer.segment.host) json["host"] = *answer.segment.host;
  json["baseline"] = baseline_json(answer.baseline);
  return json;
}

// Compact; bytes that are not UTF-8 become U+FFFD.
std::string text_of(const Json& json);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "ingest/redact.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace driftguard::ingest {
namespace {

bool redacts_for(const FeatureRule& rule, std::string_view service) {
  return rule.redact && (!rule.service || *rule.service == service);
}

}  // namespace

bool holds_redacted(const simdjson::dom::object& event, std::string_view service,
                    const FeatureRules& rules) {
  return std::any_of(rules.all().begin(), rules.all().end(), [&](const FeatureRule& rule) {
    return redacts_for(rule, service) &&
           event.at_pointer(rule.pointer).error() == simdjson::SUCCESS;
  });
}

std::string redact(std::string_view event, std::string_view service, const FeatureRules& rules) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(event);
  for (const FeatureRule& rule : rules.all()) {
    if (!redacts_for(rule, service)) continue;
    const nlohmann::ordered_json::json_pointer pointer(rule.pointer);
    if (json.contains(pointer)) json[pointer] = "[redacted]";
  }
  return json.dump();
}

}  // namespace driftguard::ingest

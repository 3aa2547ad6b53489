// SPDX-License-Identifier: Apache-2.0
#include "ingest/redact.h"

#include <nlohmann/json.hpp>

namespace driftguard::ingest {

std::string redact(std::string_view event, std::string_view service, const FeatureRules& rules) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(event);
  for (const FeatureRule& rule : rules.all()) {
    if (!rule.redact || (rule.service && *rule.service != service)) continue;
    const nlohmann::ordered_json::json_pointer pointer(rule.pointer);
    if (json.contains(pointer)) json[pointer] = "[redacted]";
  }
  return json.dump();
}

}  // namespace driftguard::ingest

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "ingest/feature_rules.h"

namespace driftguard::ingest {

// Whether the event holds anything that a rule redacts for this service. Looked up place by place
// in the event itself, arrays included: what must not be stored is not left to what was learnt.
bool holds_redacted(const simdjson::dom::object& event, std::string_view service,
                    const FeatureRules& rules);

// The event with every value that a rule redacts (for this service, or for all) replaced by the
// string "[redacted]", written anew: same keys in the same order, but white space, escapes and
// the spelling of numbers are not kept. `event` must be valid JSON.
std::string redact(std::string_view event, std::string_view service, const FeatureRules& rules);

}  // namespace driftguard::ingest

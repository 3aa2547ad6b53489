// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "ingest/feature_rules.h"

namespace driftguard::ingest {

// The event with every value that a rule redacts (for this service, or for all) replaced by the
// string "[redacted]", written anew: same keys in the same order, but white space, escapes and
// the spelling of numbers are not kept. `event` must be valid JSON.
std::string redact(std::string_view event, std::string_view service, const FeatureRules& rules);

}  // namespace driftguard::ingest

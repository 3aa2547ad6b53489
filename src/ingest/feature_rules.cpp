// SPDX-License-Identifier: Apache-2.0
#include "ingest/feature_rules.h"

#include <algorithm>

namespace driftguard::ingest {

const FeatureRule* FeatureRules::find(std::string_view service, std::string_view pointer) const {
  const FeatureRule* found = nullptr;
  for (const FeatureRule& rule : rules_) {
    if (rule.pointer != pointer) continue;
    if (rule.service == service) return &rule;
    if (!rule.service) found = &rule;
  }
  return found;
}

bool FeatureRules::redacts() const {
  return std::any_of(rules_.begin(), rules_.end(), [](const FeatureRule& r) { return r.redact; });
}

}  // namespace driftguard::ingest

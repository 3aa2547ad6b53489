// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"

namespace driftguard::ingest {

// The configured [[features]], looked up by service and pointer. Immutable.
class FeatureRules final {
 public:
  FeatureRules() = default;
  explicit FeatureRules(std::vector<FeatureRule> rules) : rules_(std::move(rules)) {}

  // The rule for the value at `pointer`: one that names the service before one that does not.
  const FeatureRule* find(std::string_view service, std::string_view pointer) const;
  bool redacts() const;
  std::span<const FeatureRule> all() const { return rules_; }

 private:
  std::vector<FeatureRule> rules_;
};

}  // namespace driftguard::ingest

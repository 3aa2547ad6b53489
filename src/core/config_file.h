// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/config.h"

namespace driftguard {

inline constexpr const char* kConfigFileDefault = "driftguard.toml";
inline constexpr const char* kConfigFileVariable = "DRIFTGUARD_CONFIG";

// What driftguard.toml says: plain keys as text, in the file's order, the [[features]] and
// the [[guard]].
struct ConfigFile {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<FeatureRule> features;
  std::vector<GuardRule> guards;
};

// kNotFound when there is no such file; kInvalidArgument with the line when it is not TOML, or a
// [[features]] or [[guard]] table breaks its rules.
Result<ConfigFile> read_config_file(const std::string& path);

}  // namespace driftguard

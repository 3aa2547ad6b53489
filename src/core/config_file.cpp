// SPDX-License-Identifier: Apache-2.0
#include "core/config_file.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <filesystem>
#include <sstream>

namespace driftguard {
namespace {

Error refused(const std::string& path, const toml::node& node, std::string_view why) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}:{}: {}", path, node.source().begin.line, why)};
}

Result<std::string> plain_text(const std::string& path, std::string_view key,
                               const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
  if (const auto* truth = node.as_boolean()) return std::string(truth->get() ? "true" : "false");
  if (const auto* list = node.as_array()) {
    std::string joined;
    for (const toml::node& item : *list) {
      const auto* text = item.as_string();
      if (text == nullptr) return refused(path, item, fmt::format("{}: not a text", key));
      joined += (joined.empty() ? "" : ",") + text->get();
    }
    return joined;
  }
  return refused(path, node, fmt::format("{}: neither a text nor a number", key));
}

Result<void> read_rule_key(const std::string& path, FeatureRule& rule, std::string_view key,
                           const toml::node& node) {
  const auto text = node.value<std::string>();
  const auto truth = node.value<bool>();
  if (key == "ignore" || key == "redact") {
    if (!node.is_boolean()) return refused(path, node, fmt::format("{}: not true or false", key));
    (key == "ignore" ? rule.ignore : rule.redact) = *truth;
    return {};
  }
  if (!node.is_string()) return refused(path, node, fmt::format("{}: not a text", key));
  if (key == "pointer") {
    rule.pointer = *text;
  } else if (key == "service") {
    rule.service = *text;
  } else if (key == "name") {
    rule.name = *text;
  } else if (key == "kind" && (*text == "numeric" || *text == "categorical")) {
    rule.kind = *text == "numeric" ? FeatureKind::kNumeric : FeatureKind::kCategorical;
  } else if (key == "kind") {
    return refused(path, node, "kind: neither \"numeric\" nor \"categorical\"");
  } else {
    return refused(path, node, fmt::format("unknown key {} in [[features]]", key));
  }
  return {};
}

// A JSON Pointer (RFC 6901) to something below the event: '~' only as ~0 or ~1.
bool is_pointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
      return false;
    }
  }
  return true;
}

// What an event is stored and found by.
bool is_identity(std::string_view pointer) {
  return pointer == "/ts" || pointer == "/service" || pointer == "/endpoint";
}

Result<std::vector<FeatureRule>> read_rules(const std::string& path, const toml::node& node) {
  const auto* tables = node.as_array();
  if (tables == nullptr) return refused(path, node, "features: not [[features]] tables");
  std::vector<FeatureRule> rules;
  for (const toml::node& item : *tables) {
    const auto* table = item.as_table();
    if (table == nullptr) return refused(path, item, "features: not a [[features]] table");
    FeatureRule rule;
    for (const auto& [key, value] : *table) {
      if (auto read = read_rule_key(path, rule, key.str(), value); !read) return read.error();
    }
    if (!is_pointer(rule.pointer)) {
      return refused(path, item, "[[features]] needs a pointer such as \"/request/body/amount\"");
    }
    if (rule.redact && is_identity(rule.pointer)) {
      return refused(path, item, fmt::format("{} cannot be redacted", rule.pointer));
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

Result<ConfigFile> read_config_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Error{ErrorCode::kNotFound, fmt::format("{}: no such file", path)};
  }
  ConfigFile file;
  try {
    const toml::table root = toml::parse_file(path);
    for (const auto& [key, node] : root) {
      if (key.str() == "features") {
        auto rules = read_rules(path, node);
        if (!rules) return rules.error();
        file.features = std::move(*rules);
        continue;
      }
      auto text = plain_text(path, key.str(), node);
      if (!text) return text.error();
      file.values.emplace_back(key.str(), std::move(*text));
    }
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}:{}: {}", path, error.source().begin.line, error.description())};
  }
  return file;
}

}  // namespace driftguard

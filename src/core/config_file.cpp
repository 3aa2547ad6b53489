// SPDX-License-Identifier: Apache-2.0
#include "core/config_file.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace driftguard {
namespace {

Error refused(const std::string& path, const toml::node& node, std::string_view why) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}:{}: {}", path, node.source().begin.line, why)};
}

// As split_words() takes it apart again.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\"'\"'" : std::string(1, c);
  return text + "'";
}

Result<std::string> plain_text(const std::string& path, std::string_view key,
                               const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
  if (const auto* truth = node.as_boolean()) return std::string(truth->get() ? "true" : "false");
  if (const auto* list = node.as_array()) {
    const bool words = key == "alert_command";
    std::string joined;
    for (const toml::node& item : *list) {
      const auto* text = item.as_string();
      if (text == nullptr) return refused(path, item, fmt::format("{}: not a text", key));
      joined += (joined.empty() ? ""
                 : words        ? " "
                                : ",") +
                (words ? quoted(text->get()) : text->get());
    }
    return joined;
  }
  return refused(path, node, fmt::format("{}: neither a text nor a number", key));
}

Result<void> read_flag(const std::string& path, FeatureRule& rule, std::string_view key,
                       const toml::node& node) {
  if (!node.is_boolean()) return refused(path, node, fmt::format("{}: not true or false", key));
  bool& flag = key == "ignore"     ? rule.ignore
               : key == "redact"   ? rule.redact
               : key == "segment"  ? rule.segment
               : key == "critical" ? rule.critical
                                   : rule.muted;
  flag = *node.value<bool>();
  return {};
}

Result<void> read_number(const std::string& path, FeatureRule& rule, std::string_view key,
                         const toml::node& node) {
  constexpr std::int64_t kSamplesMost = 1'000'000'000;
  if (key == "threshold") {
    if (!node.is_number()) return refused(path, node, "threshold: not a number");
    rule.threshold = *node.value<double>();
    return {};
  }
  const auto samples = node.is_integer() ? *node.value<std::int64_t>() : 0;
  if (samples < 1 || samples > kSamplesMost) {
    return refused(path, node,
                   fmt::format("min_samples: not a whole number from 1 to {}", kSamplesMost));
  }
  rule.samples_min = static_cast<std::uint64_t>(samples);
  return {};
}

Result<void> read_text(const std::string& path, FeatureRule& rule, std::string_view key,
                       const toml::node& node) {
  if (!node.is_string()) return refused(path, node, fmt::format("{}: not a text", key));
  const std::string text = *node.value<std::string>();
  if (key == "pointer") {
    rule.pointer = text;
  } else if (key == "service") {
    rule.service = text;
  } else if (key == "name") {
    rule.name = text;
  } else if (key == "method") {
    rule.method = measure_named(text);
    if (!rule.method) {
      return refused(path, node, fmt::format("method: none of {}", measure_names(true)));
    }
  } else if (key == "direction") {
    const auto direction = direction_named(text);
    if (!direction) return refused(path, node, "direction: none of both increase decrease");
    rule.direction = *direction;
  } else if (key == "kind" && (text == "numeric" || text == "categorical")) {
    rule.kind = text == "numeric" ? FeatureKind::kNumeric : FeatureKind::kCategorical;
  } else if (key == "kind") {
    return refused(path, node, "kind: neither \"numeric\" nor \"categorical\"");
  } else {
    return refused(path, node, fmt::format("unknown key {} in [[features]]", key));
  }
  return {};
}

Result<void> read_rule_key(const std::string& path, FeatureRule& rule, std::string_view key,
                           const toml::node& node) {
  if (key == "ignore" || key == "redact" || key == "segment" || key == "critical" ||
      key == "muted") {
    return read_flag(path, rule, key, node);
  }
  if (key == "threshold" || key == "min_samples") return read_number(path, rule, key, node);
  return read_text(path, rule, key, node);
}

// What a method says of the keys beside it; a method of numbers makes the feature numeric.
Result<void> settle_method(const std::string& path, const toml::node& node, FeatureRule* rule) {
  if (!rule->method) {
    if (rule->threshold) return refused(path, node, "threshold needs a method beside it");
    if (rule->direction != Direction::kBoth) {
      return refused(path, node, "direction needs a method beside it: ks or wasserstein");
    }
    return {};
  }
  const Measure method = *rule->method;
  if (needs_numbers(method)) {
    if (rule->kind == FeatureKind::kCategorical) {
      return refused(path, node,
                     fmt::format("method: {} is for numeric features; for categorical ones: {}",
                                 measure_name(method), measure_names(false)));
    }
    rule->kind = FeatureKind::kNumeric;
  }
  if (rule->direction != Direction::kBoth && !has_direction(method)) {
    return refused(
        path, node,
        fmt::format("direction: {} has none; ks and wasserstein do", measure_name(method)));
  }
  const double most = is_test(method) ? 1 : largest_value(method);
  if (rule->threshold &&
      !(*rule->threshold >= 0 && *rule->threshold <= most && std::isfinite(*rule->threshold))) {
    return refused(
        path, node,
        fmt::format("threshold: {} of {} is not {}", *rule->threshold, measure_name(method),
                    std::isfinite(most) ? "from 0 to 1" : "a number from 0 on"));
  }
  return {};
}

// A segment is a categorical feature.
Result<void> settle_segment(const std::string& path, const toml::node& node, FeatureRule* rule) {
  if (!rule->segment) return {};
  if (rule->ignore || rule->redact) {
    return refused(path, node, "segment: what is ignored or redacted cannot be one");
  }
  if (rule->kind == FeatureKind::kNumeric) {
    return refused(path, node, "segment: a numeric feature cannot be one");
  }
  rule->kind = FeatureKind::kCategorical;
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
    if (auto settled = settle_method(path, item, &rule); !settled) return settled.error();
    if (auto settled = settle_segment(path, item, &rule); !settled) return settled.error();
    rules.push_back(std::move(rule));
  }
  return rules;
}

// What `block` says: a word, or the names of alarms or checks.
Result<void> read_block(const std::string& path, GuardRule& rule, const toml::node& node) {
  constexpr std::size_t kListedMost = 200;
  if (const auto* list = node.as_array()) {
    rule.block = GuardBlock::kListed;
    for (const toml::node& item : *list) {
      const auto* name = item.as_string();
      if (name == nullptr || name->get().empty()) {
        return refused(path, item, "block: not the name of an alarm or a check");
      }
      rule.listed.push_back(name->get());
    }
    if (!rule.listed.empty() && rule.listed.size() <= kListedMost) return {};
    return refused(path, node, fmt::format("block: not 1 to {} names", kListedMost));
  }
  const std::string word = node.value_or(std::string());
  if (word == "marked") {
    rule.block = GuardBlock::kMarked;
  } else if (word == "critical") {
    rule.block = GuardBlock::kCritical;
  } else if (word == "all") {
    rule.block = GuardBlock::kAll;
  } else if (word == "none") {
    rule.block = GuardBlock::kNone;
  } else {
    return refused(path, node, "block: none of marked critical all none, nor a list of names");
  }
  return {};
}

Result<void> read_guard_key(const std::string& path, GuardRule& rule, std::string_view key,
                            const toml::node& node) {
  constexpr std::int64_t kStaleLeast = 15;
  constexpr std::int64_t kStaleMost = 86'400;
  if (key == "service") {
    const std::string name = node.value_or(std::string());
    if (name.empty()) return refused(path, node, "service: not a name");
    rule.service = name;
  } else if (key == "block") {
    return read_block(path, rule, node);
  } else if (key == "fail") {
    const std::string word = node.value_or(std::string());
    if (word != "open" && word != "closed") {
      return refused(path, node, "fail: neither \"open\" nor \"closed\"");
    }
    rule.fail_closed = word == "closed";
  } else if (key == "stale_seconds") {
    const auto seconds = node.is_integer() ? *node.value<std::int64_t>() : 0;
    if (seconds < kStaleLeast || seconds > kStaleMost) {
      return refused(
          path, node,
          fmt::format("stale_seconds: not a whole number from {} to {}", kStaleLeast, kStaleMost));
    }
    rule.stale_seconds = static_cast<int>(seconds);
  } else {
    return refused(path, node, fmt::format("unknown key {} in [[guard]]", key));
  }
  return {};
}

Result<std::vector<GuardRule>> read_guards(const std::string& path, const toml::node& node) {
  const auto* tables = node.as_array();
  if (tables == nullptr) return refused(path, node, "guard: not [[guard]] tables");
  std::vector<GuardRule> rules;
  for (const toml::node& item : *tables) {
    const auto* table = item.as_table();
    if (table == nullptr) return refused(path, item, "guard: not a [[guard]] table");
    GuardRule rule;
    for (const auto& [key, value] : *table) {
      if (auto read = read_guard_key(path, rule, key.str(), value); !read) return read.error();
    }
    for (const GuardRule& other : rules) {
      if (other.service == rule.service) {
        return refused(path, item,
                       fmt::format("a second [[guard]] of {}",
                                   rule.service ? *rule.service : "services without one"));
      }
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
      if (key.str() == "guard") {
        auto guards = read_guards(path, node);
        if (!guards) return guards.error();
        file.guards = std::move(*guards);
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

// SPDX-License-Identifier: Apache-2.0
#include "core/config_check.h"

#include <fmt/format.h>

#include "core/time.h"

namespace driftguard {
namespace {

Result<void> check_retention(const Config& config) {
  const int rollup_days = config.retention_rollup_days;
  // What has events must have rollups: segments are listed by them, and a report by host, made of
  // events, must not know of more than a report without.
  if (rollup_days > 0 &&
      (config.retention_raw_days == 0 || config.retention_raw_days > rollup_days)) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("retention_rollup_days: \"{}\" is less than retention_raw_days ({}): "
                    "rollups have to be kept at least as long as events",
                    rollup_days,
                    config.retention_raw_days == 0 ? "for ever"
                                                   : fmt::format("{}", config.retention_raw_days))};
  }
  if (rollup_days > 0 && config.drift_window_minutes > rollup_days * 24 * 60) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("retention_rollup_days: \"{}\" is less than the live window "
                             "(drift_window_minutes: {})",
                             rollup_days, config.drift_window_minutes)};
  }
  const std::int64_t fixed = 2 * (config.rocksdb_wal_bytes + config.rocksdb_memtable_bytes);
  if (config.retention_bytes_max > 0 && config.database_url.starts_with("rocksdb:") &&
      config.retention_bytes_max < fixed) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("retention_bytes_max: \"{}\" is less than {}, twice what "
                             "rocksdb_wal_bytes and rocksdb_memtable_bytes allow",
                             config.retention_bytes_max, fixed)};
  }
  return {};
}

Result<void> check_baselines(const Config& config) {
  if (config.baseline_warmup_minutes > config.baseline_trailing_hours * 60) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("baseline_warmup_minutes: \"{}\" is longer than the trailing baseline "
                             "(baseline_trailing_hours: {})",
                             config.baseline_warmup_minutes, config.baseline_trailing_hours)};
  }
  if (auto excluded = parse_intervals(config.baseline_exclude); !excluded) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("baseline_exclude: {}", excluded.error().detail)};
  }
  return {};
}

// Values may hold secrets: they are not repeated.
Result<void> check_alerts(const Config& config) {
  for (const auto& [key, url] : {std::pair{"slack_webhook_url", &config.slack_webhook_url},
                                 std::pair{"alert_webhook_url", &config.alert_webhook_url},
                                 std::pair{"alertmanager_url", &config.alertmanager_url},
                                 std::pair{"public_url", &config.public_url}}) {
    const bool web = url->starts_with("http://") || url->starts_with("https://");
    if (url->empty() || (web && url->find_first_of(" \r\n\t") == std::string::npos)) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: not like https://example.org/path", key)};
  }
  if (!config.alert_webhook_secret.empty() && config.alert_webhook_url.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "alert_webhook_secret: there is no alert_webhook_url for it"};
  }
  if (auto words = split_words(config.alert_command); !words) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("alert_command: {}", words.error().detail)};
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;  // A word, maybe an empty one between quotes.
  char quote = 0;
  for (const char c : text) {
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      within = false;
      continue;
    }
    if (!within) words.emplace_back();
    within = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote == c) {
      quote = 0;
    } else {
      words.back() += c;
    }
  }
  if (quote == 0) return words;
  return Error{ErrorCode::kInvalidArgument, "a quote is left open"};
}

Result<void> check_config(const Config& config) {
  for (const auto check : {check_retention, check_baselines, check_alerts}) {
    if (auto sound = check(config); !sound) return sound;
  }
  return {};
}

}  // namespace driftguard

// SPDX-License-Identifier: Apache-2.0
// Every setting of driftguard, with its default beside it. Read once, at the start: from
// driftguard.toml, then the environment, then flags; later ones win. docs/CONFIGURATION.md is the
// same list for people, and a test keeps the two in step.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/measure.h"
#include "core/result.h"

namespace driftguard {

enum class FeatureKind { kNumeric, kCategorical };

// One [[features]] table of driftguard.toml: what to do with the value at a JSON Pointer.
struct FeatureRule {
  std::string pointer;                 // "/request/body/amount", into the event.
  std::optional<std::string> service;  // Empty: every service.
  std::optional<std::string> name;     // Instead of the name it would get by itself.
  std::optional<FeatureKind> kind;     // Instead of what the values look like.
  bool ignore = false;                 // Not watched.
  bool redact = false;                 // Neither watched nor stored.
  bool segment = false;                // Tells events apart: a categorical feature that drift is
                                       // localised by (docs/WHERE.md), whatever its name.

  // How its check is made (docs/MEASURES.md).
  std::optional<Measure> method;             // Instead of numeric_method or categorical_method.
  std::optional<double> threshold;           // Of that method; only beside it.
  std::optional<std::uint64_t> samples_min;  // On either side; below it there is no verdict.
  Direction direction = Direction::kBoth;    // Only beside a method that has one.
  bool critical = false;                     // Carried through to whoever reads the report.
  bool muted = false;                        // Shown, but its check does not fail.
};

// Which alarms a gateway is told to block for.
enum class GuardBlock {
  kMarked,    // Those of critical features; every one where the service has no critical feature.
  kCritical,  // Those of critical features alone.
  kAll,       // Every one, but for muted features.
  kNone,      // None: only an override denies.
  kListed,    // Those named.
};

// One [[guard]] table of driftguard.toml: what the guard of a service does (docs/GUARD.md).
struct GuardRule {
  std::optional<std::string> service;  // Empty: services without a table of their own.
  GuardBlock block = GuardBlock::kMarked;
  std::vector<std::string> listed;  // With kListed: names of alarms or of checks.
  bool fail_closed = false;         // Without data, or with old data, deny.
  int stale_seconds = 60;           // Data is old when alarms were evaluated so long ago.
};

struct Config {
  // The seed's names.
  std::string database_url = "rocksdb:data";
  std::string baseline_path;  // Empty: db/baseline_<service>.json, and nothing is pinned.
  int drift_window_minutes = 30;
  double ks_p_min = 0.05;
  double psi_max = 0.2;
  double slo_success_min = 0.995;
  double slo_p95_max = 2000;
  std::string slack_webhook_url;

  // HTTP.
  std::string listen = "127.0.0.1:8000";
  int threads = 0;  // 0: one a core.
  std::string cors_origins = "http://localhost:5173";
  std::string web_directory;  // Empty: `web` beside the program.
  std::int64_t body_bytes_max = 20 << 20;
  std::int64_t inflight_bytes_max = 192 << 20;
  int connections_max = 4096;
  int header_timeout_ms = 10'000;
  int body_timeout_ms = 30'000;
  int idle_timeout_ms = 60'000;
  int shutdown_timeout_ms = 9'000;

  // Ingest.
  int batch_events_max = 50'000;
  int max_clock_skew_seconds = 300;
  std::int64_t queue_bytes_max = 64 << 20;
  int idempotency_hours = 24;
  int segments_max = 100'000;

  // Reports.
  std::string default_service;
  double psi_floor = 1e-6;
  int ks_samples_min = 50;
  int psi_categories_max = 1000;
  Measure numeric_method = Measure::kKs;
  Measure categorical_method = Measure::kPsi;
  double chisquare_p_min = 0.05;
  double jensenshannon_max = 0.1;
  double wasserstein_max = 0.1;
  double hellinger_max = 0.1;
  double tvd_max = 0.1;
  double cramer_von_mises_p_min = 0.05;
  double schema_p_min = 0.001;
  int host_rows_max = 200'000;

  // Alarms.
  int alarm_lag_seconds = 5;

  // Who is told of alarms besides Slack, and when (docs/NOTIFICATIONS.md).
  std::string public_url;  // Empty: where the server listens.
  std::string alert_webhook_url;
  std::string alert_webhook_secret;
  std::string alertmanager_url;
  std::string alert_command;  // Words as split_words() splits them.
  std::string alert_ca_file;  // Empty: the machine's authorities.
  int alert_group_wait_seconds = 30;
  int alert_repeat_minutes = 240;  // 0: nobody is reminded.
  int alert_interval_min_seconds = 30;
  int alert_timeout_seconds = 10;
  int alert_retry_seconds_max = 60;
  int alert_age_max_hours = 72;
  int alertmanager_resend_seconds = 60;

  // Baselines that are made on the fly, and what all baselines leave out.
  int baseline_trailing_hours = 24;
  int baseline_trailing_offset_minutes = 60;
  int baseline_seasonal_weeks = 4;
  int baseline_warmup_minutes = 120;
  std::string baseline_exclude;  // FROM/TO, comma-separated.

  // Store.
  std::int64_t rocksdb_cache_bytes = 64 << 20;
  std::int64_t rocksdb_memtable_bytes = 64 << 20;
  std::int64_t rocksdb_wal_bytes = 128 << 20;
  int postgres_connections = 6;

  // Retention and the disk. Zero: nothing is dropped.
  int retention_raw_days = 0;
  int retention_rollup_days = 0;
  std::int64_t retention_bytes_max = 0;
  int disk_free_percent_min = 10;

  // Logs.
  std::string log_level = "info";
  std::string log_format = "text";

  std::vector<FeatureRule> features;
  std::vector<GuardRule> guards;  // At most one a service, and one for the others.
};

// One setting by its names, for documentation and for `doctor`.
struct ConfigKey {
  std::string_view name;         // In driftguard.toml.
  std::string_view environment;  // In the environment.
  std::string_view help;
};
std::span<const ConfigKey> config_keys();

// The setting's value as text; secrets (passwords in URLs, webhook paths) are masked.
std::string config_value(const Config& config, std::string_view name);

// Sets one key from text; kInvalidArgument names the key, the value and the range.
Result<void> set_config(Config& config, std::string_view name, std::string_view value);

struct ConfigSources {
  std::string file;  // Empty: ./driftguard.toml if there.
  std::vector<std::pair<std::string, std::string>> environment;  // As the process got it.
  std::vector<std::pair<std::string, std::string>> flags;        // By key name.
};

// kInvalidArgument names the source, the key and what is wrong: an unknown key (with the nearest
// known one), a value out of range, a file that is not TOML.
Result<Config> load_config(const ConfigSources& sources);

// The words of a command, split at spaces as a shell would: '...' and "..." keep what is between
// them, and nothing else is special. kInvalidArgument: a quote is left open.
Result<std::vector<std::string>> split_words(std::string_view text);

// The process's environment, for ConfigSources. Not to be called while another thread sets it.
std::vector<std::pair<std::string, std::string>> process_environment();

// "postgresql://dev:***@host/db": an URL that may be shown.
std::string without_password(std::string_view url);

}  // namespace driftguard

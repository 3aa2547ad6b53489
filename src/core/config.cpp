// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <variant>

#include "core/config_check.h"
#include "core/config_file.h"
#include "core/time.h"

namespace driftguard {
namespace {

struct IntField {
  int Config::*member;
  int low;
  int high;
};
struct BytesField {
  std::int64_t Config::*member;
  std::int64_t low;
  std::int64_t high;
};
struct RealField {
  double Config::*member;
  double low;
  double high;
};
struct TextField {
  std::string Config::*member;
  std::string_view one_of = {};  // Space-separated; empty: any text.
  bool secret = false;
};
struct MeasureField {
  Measure Config::*member;
  FeatureKind kind;
};
using Field = std::variant<IntField, BytesField, RealField, TextField, MeasureField>;

constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kGiB = 1 << 30;
constexpr int kDayMs = 86'400'000;
constexpr int kDaysMax = 36'500;

constexpr auto kKeys = std::to_array<ConfigKey>({
    {"database_url", "DATABASE_URL",
     "the store: rocksdb:DIR or postgresql://USER:PASSWORD@HOST/DB"},
    {"baseline_path", "BASELINE_PATH",
     "where baselines are written; set, the server pins this file"},
    {"drift_window_minutes", "DRIFT_WINDOW_MINUTES", "the live window of a report, 1 to 43200"},
    {"ks_p_min", "KS_P_MIN", "a KS check fails below this p-value"},
    {"psi_max", "PSI_MAX", "a PSI check fails above this"},
    {"slo_success_min", "SLO_SUCCESS_MIN", "the least share of 2xx answers"},
    {"slo_p95_max", "SLO_P95_MAX", "the largest 95th percentile of duration_ms"},
    {"slack_webhook_url", "SLACK_WEBHOOK_URL", "alerts go there too"},
    {"listen", "DRIFTGUARD_LISTEN", "HOST:PORT of the server; port 0 picks a free one"},
    {"threads", "DRIFTGUARD_THREADS", "I/O threads; 0: one a core"},
    {"cors_origins", "DRIFTGUARD_CORS_ORIGINS", "origins a browser may call from, comma-separated"},
    {"web_directory", "DRIFTGUARD_WEB_DIRECTORY",
     "the dashboard's files; unset: `web` beside the program"},
    {"body_bytes_max", "DRIFTGUARD_BODY_BYTES_MAX", "largest request body, after decompression"},
    {"inflight_bytes_max", "DRIFTGUARD_INFLIGHT_BYTES_MAX",
     "request bodies held at once, all together"},
    {"connections_max", "DRIFTGUARD_CONNECTIONS_MAX", "open connections"},
    {"header_timeout_ms", "DRIFTGUARD_HEADER_TIMEOUT_MS", "time to send a request's head"},
    {"body_timeout_ms", "DRIFTGUARD_BODY_TIMEOUT_MS", "time to send a request's body"},
    {"idle_timeout_ms", "DRIFTGUARD_IDLE_TIMEOUT_MS",
     "a silent keep-alive connection is closed after this"},
    {"shutdown_timeout_ms", "DRIFTGUARD_SHUTDOWN_TIMEOUT_MS",
     "time to finish what was accepted, on SIGTERM"},
    {"batch_events_max", "DRIFTGUARD_BATCH_EVENTS_MAX", "events in one request"},
    {"max_clock_skew_seconds", "DRIFTGUARD_MAX_CLOCK_SKEW_SECONDS",
     "how far ahead an event's time may be"},
    {"queue_bytes_max", "DRIFTGUARD_QUEUE_BYTES_MAX", "decoded batches waiting for their commit"},
    {"idempotency_hours", "DRIFTGUARD_IDEMPOTENCY_HOURS",
     "how long an Idempotency-Key is remembered"},
    {"segments_max", "DRIFTGUARD_SEGMENTS_MAX",
     "distinct (service, endpoint) pairs; events of further ones are refused"},
    {"default_service", "DRIFTGUARD_DEFAULT_SERVICE",
     "the service a report is about when none is named"},
    {"psi_floor", "DRIFTGUARD_PSI_FLOOR", "the least share a category counts with"},
    {"ks_samples_min", "DRIFTGUARD_KS_SAMPLES_MIN", "samples a KS verdict needs on either side"},
    {"psi_categories_max", "DRIFTGUARD_PSI_CATEGORIES_MAX",
     "categories compared one by one; the rest is __other__"},
    {"numeric_method", "DRIFTGUARD_NUMERIC_METHOD", "how numeric features are compared"},
    {"categorical_method", "DRIFTGUARD_CATEGORICAL_METHOD",
     "how categorical features are compared"},
    {"chisquare_p_min", "DRIFTGUARD_CHISQUARE_P_MIN",
     "a chi-square check fails below this p-value"},
    {"jensenshannon_max", "DRIFTGUARD_JENSENSHANNON_MAX",
     "a Jensen-Shannon check fails above this distance"},
    {"wasserstein_max", "DRIFTGUARD_WASSERSTEIN_MAX",
     "a Wasserstein check fails above this many standard deviations of the baseline"},
    {"hellinger_max", "DRIFTGUARD_HELLINGER_MAX", "a Hellinger check fails above this distance"},
    {"tvd_max", "DRIFTGUARD_TVD_MAX", "a total variation check fails above this distance"},
    {"cramer_von_mises_p_min", "DRIFTGUARD_CRAMER_VON_MISES_P_MIN",
     "a Cramér-von Mises check fails below this p-value"},
    {"schema_p_min", "DRIFTGUARD_SCHEMA_P_MIN",
     "a schema check fails below this p-value; 0: it never does"},
    {"host_rows_max", "DRIFTGUARD_HOST_ROWS_MAX", "raw events a report by host may read"},
    {"alarm_lag_seconds", "DRIFTGUARD_ALARM_LAG_SECONDS",
     "how long after its end ten seconds of events are evaluated for alarms"},
    {"public_url", "DRIFTGUARD_PUBLIC_URL", "where people find the page, for links in messages"},
    {"alert_webhook_url", "DRIFTGUARD_ALERT_WEBHOOK_URL", "alerts are posted there as JSON"},
    {"alert_webhook_secret", "DRIFTGUARD_ALERT_WEBHOOK_SECRET",
     "key of the HMAC-SHA256 that signs what the webhook gets"},
    {"alertmanager_url", "DRIFTGUARD_ALERTMANAGER_URL",
     "a Prometheus Alertmanager that gets every alarm that fires"},
    {"alert_command", "DRIFTGUARD_ALERT_COMMAND",
     "a command, with its arguments, that gets alerts as JSON on its standard input"},
    {"alert_ca_file", "DRIFTGUARD_ALERT_CA_FILE",
     "certificates (PEM) that receivers are verified by, instead of the machine's"},
    {"alert_group_wait_seconds", "DRIFTGUARD_ALERT_GROUP_WAIT_SECONDS",
     "how long after an incident opened it is told, so that what drifts together is one message"},
    {"alert_repeat_minutes", "DRIFTGUARD_ALERT_REPEAT_MINUTES",
     "a reminder so often while it fires and nobody acknowledged; 0: none"},
    {"alert_interval_min_seconds", "DRIFTGUARD_ALERT_INTERVAL_MIN_SECONDS",
     "the least time between two messages about one service"},
    {"alert_timeout_seconds", "DRIFTGUARD_ALERT_TIMEOUT_SECONDS",
     "how long a receiver may take for a message"},
    {"alert_retry_seconds_max", "DRIFTGUARD_ALERT_RETRY_SECONDS_MAX",
     "the longest wait between two tries of a message"},
    {"alert_age_max_hours", "DRIFTGUARD_ALERT_AGE_MAX_HOURS",
     "a message is given up so long after its first try"},
    {"alertmanager_resend_seconds", "DRIFTGUARD_ALERTMANAGER_RESEND_SECONDS",
     "Alertmanager gets an alarm that fires again so often"},
    {"baseline_trailing_hours", "DRIFTGUARD_BASELINE_TRAILING_HOURS",
     "length of a trailing baseline"},
    {"baseline_trailing_offset_minutes", "DRIFTGUARD_BASELINE_TRAILING_OFFSET_MINUTES",
     "how long before the live window it ends"},
    {"baseline_seasonal_weeks", "DRIFTGUARD_BASELINE_SEASONAL_WEEKS",
     "weeks that a seasonal baseline takes the same hours of"},
    {"baseline_warmup_minutes", "DRIFTGUARD_BASELINE_WARMUP_MINUTES",
     "a trailing baseline counts once it has events so long before its end"},
    {"baseline_exclude", "DRIFTGUARD_BASELINE_EXCLUDE",
     "stretches no baseline is made of: FROM/TO (RFC 3339), comma-separated"},
    {"rocksdb_cache_bytes", "DRIFTGUARD_ROCKSDB_CACHE_BYTES", "the embedded store's block cache"},
    {"rocksdb_memtable_bytes", "DRIFTGUARD_ROCKSDB_MEMTABLE_BYTES",
     "the embedded store's memtables, all together"},
    {"rocksdb_wal_bytes", "DRIFTGUARD_ROCKSDB_WAL_BYTES",
     "the embedded store's write-ahead logs, all together"},
    {"postgres_connections", "DRIFTGUARD_POSTGRES_CONNECTIONS", "connections to PostgreSQL"},
    {"retention_raw_days", "DRIFTGUARD_RETENTION_RAW_DAYS",
     "events older than this are dropped; 0: none"},
    {"retention_rollup_days", "DRIFTGUARD_RETENTION_ROLLUP_DAYS",
     "rollups, which reports are made of, older than this are dropped; 0: none"},
    {"retention_bytes_max", "DRIFTGUARD_RETENTION_BYTES_MAX",
     "bytes of the whole store; beyond it the oldest events are dropped; 0: no bound"},
    {"disk_free_percent_min", "DRIFTGUARD_DISK_FREE_PERCENT_MIN",
     "warn when less of the embedded store's disk is free"},
    {"log_level", "DRIFTGUARD_LOG_LEVEL", "debug, info, warn or error"},
    {"log_format", "DRIFTGUARD_LOG_FORMAT", "text or json"},
});

// In the order of kKeys.
const std::array<Field, kKeys.size()> kFields = {
    TextField{&Config::database_url, {}, true},
    TextField{&Config::baseline_path},
    IntField{&Config::drift_window_minutes, 1, 43'200},
    RealField{&Config::ks_p_min, 0, 1},
    RealField{&Config::psi_max, 0, 1000},
    RealField{&Config::slo_success_min, 0, 1},
    RealField{&Config::slo_p95_max, 0, 1e12},
    TextField{&Config::slack_webhook_url, {}, true},
    TextField{&Config::listen},
    IntField{&Config::threads, 0, 256},
    TextField{&Config::cors_origins},
    TextField{&Config::web_directory},
    BytesField{&Config::body_bytes_max, 1, kGiB},
    BytesField{&Config::inflight_bytes_max, kMiB, 64 * kGiB},
    IntField{&Config::connections_max, 1, 1'000'000},
    IntField{&Config::header_timeout_ms, 1, kDayMs},
    IntField{&Config::body_timeout_ms, 1, kDayMs},
    IntField{&Config::idle_timeout_ms, 1, kDayMs},
    IntField{&Config::shutdown_timeout_ms, 0, kDayMs},
    IntField{&Config::batch_events_max, 1, 10'000'000},
    IntField{&Config::max_clock_skew_seconds, 0, 1'000'000'000},
    BytesField{&Config::queue_bytes_max, 1, 64 * kGiB},
    IntField{&Config::idempotency_hours, 1, 24 * 366},
    IntField{&Config::segments_max, 1, 100'000'000},
    TextField{&Config::default_service},
    RealField{&Config::psi_floor, 1e-300, 0.5},
    IntField{&Config::ks_samples_min, 1, 1'000'000'000},
    IntField{&Config::psi_categories_max, 1, 4096},
    MeasureField{&Config::numeric_method, FeatureKind::kNumeric},
    MeasureField{&Config::categorical_method, FeatureKind::kCategorical},
    RealField{&Config::chisquare_p_min, 0, 1},
    RealField{&Config::jensenshannon_max, 0, 1},
    RealField{&Config::wasserstein_max, 0, 1e12},
    RealField{&Config::hellinger_max, 0, 1},
    RealField{&Config::tvd_max, 0, 1},
    RealField{&Config::cramer_von_mises_p_min, 0, 1},
    RealField{&Config::schema_p_min, 0, 1},
    IntField{&Config::host_rows_max, 1, 100'000'000},
    IntField{&Config::alarm_lag_seconds, 0, 600},
    TextField{&Config::public_url},
    TextField{&Config::alert_webhook_url, {}, true},
    TextField{&Config::alert_webhook_secret, {}, true},
    TextField{&Config::alertmanager_url, {}, true},
    TextField{&Config::alert_command, {}, true},
    TextField{&Config::alert_ca_file},
    IntField{&Config::alert_group_wait_seconds, 0, 3'600},
    IntField{&Config::alert_repeat_minutes, 0, 43'200},
    IntField{&Config::alert_interval_min_seconds, 0, 86'400},
    IntField{&Config::alert_timeout_seconds, 1, 12},
    IntField{&Config::alert_retry_seconds_max, 1, 3'600},
    IntField{&Config::alert_age_max_hours, 1, 24 * 366},
    IntField{&Config::alertmanager_resend_seconds, 1, 3'600},
    IntField{&Config::baseline_trailing_hours, 1, 24 * 366},
    IntField{&Config::baseline_trailing_offset_minutes, 0, 366 * 24 * 60},
    IntField{&Config::baseline_seasonal_weeks, 1, 52},
    IntField{&Config::baseline_warmup_minutes, 0, 366 * 24 * 60},
    TextField{&Config::baseline_exclude},
    BytesField{&Config::rocksdb_cache_bytes, kMiB, 1024 * kGiB},
    BytesField{&Config::rocksdb_memtable_bytes, kMiB, 64 * kGiB},
    BytesField{&Config::rocksdb_wal_bytes, kMiB, 1024 * kGiB},
    IntField{&Config::postgres_connections, 2, 100},
    IntField{&Config::retention_raw_days, 0, kDaysMax},
    IntField{&Config::retention_rollup_days, 0, kDaysMax},
    BytesField{&Config::retention_bytes_max, 0, 1024 * 1024 * kGiB},
    IntField{&Config::disk_free_percent_min, 0, 99},
    TextField{&Config::log_level, "debug info warn error"},
    TextField{&Config::log_format, "text json"},
};

std::size_t index_of(std::string_view name) {
  const auto at = std::find_if(kKeys.begin(), kKeys.end(),
                               [&](const ConfigKey& key) { return key.name == name; });
  return static_cast<std::size_t>(at - kKeys.begin());
}

Error refused(std::string_view key, std::string_view value, std::string_view rule) {
  return {ErrorCode::kInvalidArgument, fmt::format("{}: \"{}\" is not {}", key, value, rule)};
}

template <typename Number>
Result<Number> read_number(std::string_view key, std::string_view value, Number low, Number high) {
  Number number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !(number >= low) ||
      !(number <= high)) {
    return refused(key, value, fmt::format("a number from {} to {}", low, high));
  }
  return number;
}

Result<void> set_field(Config& config, std::string_view key, const Field& field,
                       std::string_view value) {
  return std::visit(
      [&](const auto& f) -> Result<void> {
        using F = std::decay_t<decltype(f)>;
        if constexpr (std::is_same_v<F, TextField>) {
          if (!f.one_of.empty() &&
              fmt::format(" {} ", f.one_of).find(fmt::format(" {} ", value)) == std::string::npos) {
            return refused(key, value, fmt::format("one of: {}", f.one_of));
          }
          config.*f.member = std::string(value);
        } else if constexpr (std::is_same_v<F, MeasureField>) {
          const auto measure = measure_named(value);
          if (!measure || (f.kind == FeatureKind::kCategorical && needs_numbers(*measure))) {
            return refused(
                key, value,
                fmt::format("one of: {}", measure_names(f.kind == FeatureKind::kNumeric)));
          }
          config.*f.member = *measure;
        } else {
          auto number = read_number(key, value, f.low, f.high);
          if (!number) return number.error();
          config.*f.member = *number;
        }
        return {};
      },
      field);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

template <typename Name>
std::string nearest(std::string_view unknown, Name name_of) {
  const auto best = std::min_element(kKeys.begin(), kKeys.end(), [&](const auto& a, const auto& b) {
    return edit_distance(unknown, name_of(a)) < edit_distance(unknown, name_of(b));
  });
  return std::string(name_of(*best));
}

Result<void> apply_environment(
    Config& config, const std::vector<std::pair<std::string, std::string>>& environment) {
  constexpr std::string_view kPrefix = "DRIFTGUARD_";
  const auto by_environment = [](const ConfigKey& key) { return key.environment; };
  for (const auto& variable : environment) {
    const auto& [name, value] = variable;
    const auto at = std::find_if(kKeys.begin(), kKeys.end(), [&variable](const ConfigKey& key) {
      return key.environment == variable.first;
    });
    if (at != kKeys.end()) {
      if (value.empty() && !at->environment.starts_with(kPrefix)) continue;  // As if unset.
      const Field& field = kFields[static_cast<std::size_t>(at - kKeys.begin())];
      if (auto set = set_field(config, name, field, value); !set) return set;
    } else if (name.starts_with(kPrefix) && name != kConfigFileVariable) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("unknown variable {} in the environment; did you mean {}?", name,
                               nearest(name, by_environment))};
    }
  }
  return {};
}

Result<void> apply_file(Config& config, const ConfigSources& sources) {
  std::string path = sources.file;
  for (const auto& [name, value] : sources.environment) {
    if (path.empty() && name == kConfigFileVariable) path = value;
  }
  if (path.empty()) {
    std::error_code ignored;
    if (!std::filesystem::exists(kConfigFileDefault, ignored)) return {};
    path = kConfigFileDefault;
  }
  Result<ConfigFile> file = read_config_file(path);
  if (!file) return file.error();
  for (const auto& [name, value] : file->values) {
    if (auto set = set_config(config, name, value); !set) {
      return Error{set.error().code, fmt::format("{}: {}", path, set.error().detail)};
    }
  }
  config.features = std::move(file->features);
  config.guards = std::move(file->guards);
  return {};
}

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

std::string without_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const std::size_t begin = scheme + 3;
  const std::size_t at = url.substr(begin, url.find('/', begin) - begin).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const std::string_view user = url.substr(begin, at);
  const std::size_t colon = user.find(':');
  if (colon == std::string_view::npos) return std::string(url);
  return fmt::format("{}{}:***{}", url.substr(0, begin), user.substr(0, colon),
                     url.substr(begin + at));
}

std::string config_value(const Config& config, std::string_view name) {
  const std::size_t index = index_of(name);
  if (index == kKeys.size()) return {};
  return std::visit(
      [&](const auto& f) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(f)>, TextField>) {
          const std::string& text = config.*f.member;
          if (!f.secret || text.empty()) return text;
          return name == "database_url" ? without_password(text) : "***";
        } else if constexpr (std::is_same_v<std::decay_t<decltype(f)>, MeasureField>) {
          return std::string(measure_name(config.*f.member));
        } else {
          return fmt::format("{}", config.*f.member);
        }
      },
      kFields[index]);
}

Result<void> set_config(Config& config, std::string_view name, std::string_view value) {
  const std::size_t index = index_of(name);
  if (index == kKeys.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("unknown key {}; did you mean {}?", name,
                             nearest(name, [](const ConfigKey& key) { return key.name; }))};
  }
  return set_field(config, name, kFields[index], value);
}

Result<Config> load_config(const ConfigSources& sources) {
  Config config;
  if (auto applied = apply_file(config, sources); !applied) return applied.error();
  if (auto applied = apply_environment(config, sources.environment); !applied) {
    return applied.error();
  }
  for (const auto& [name, value] : sources.flags) {
    if (auto set = set_config(config, name, value); !set) return set.error();
  }
  if (auto sound = check_config(config); !sound) return sound.error();
  return config;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace driftguard

// SPDX-License-Identifier: Apache-2.0
#include "cli/engine.h"

#include <fmt/format.h>

#include "notify/targets.h"
#include "rollup/rollup.h"
#include "store/postgres/postgres_store.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::cli {
namespace {

// Sums of rollups kept in memory.
constexpr std::size_t kTreeBytesMax = 96u << 20;

std::unique_ptr<window::RollupTree> make_tree(store::Store& store) {
  if (!store.exclusive()) return nullptr;
  return std::make_unique<window::RollupTree>(store, kTreeBytesMax);
}

baseline::SloTargets levels(const Config& config) {
  return {config.slo_success_min, config.slo_p95_max};
}

alert::EvaluatorOptions alarm_options(const Config& config) {
  alert::EvaluatorOptions options;
  options.lag = std::chrono::seconds(config.alarm_lag_seconds);
  options.slo = levels(config);
  options.notices = notify::notice_plans(config);
  return options;
}

std::vector<TimeRange> excluded_by(const Config& config) {
  Result<std::vector<TimeRange>> ranges = parse_intervals(config.baseline_exclude);
  return ranges ? *ranges : std::vector<TimeRange>();  // Refused when it was loaded.
}

// Of the latest incidents, so many that older ones are no longer in a baseline made on the fly.
Result<std::vector<TimeRange>> under_alarm(alert::Evaluator& alarms, const std::string& service,
                                           TimeRange range) {
  constexpr std::size_t kIncidentsMax = 200;
  Result<std::vector<alert::Incident>> incidents = alarms.incidents(service, kIncidentsMax);
  if (!incidents) return incidents.error();
  std::vector<TimeRange> stretches;
  for (const alert::Incident& incident : *incidents) {
    const TimeRange stretch = alert::stretch_of(incident);
    if (stretch.from < range.to && range.from < stretch.to) stretches.push_back(stretch);
  }
  return stretches;
}

baseline::DerivedRules derived_rules(const Config& config) {
  baseline::DerivedRules rules;
  rules.trailing_window = std::chrono::hours(config.baseline_trailing_hours);
  rules.trailing_offset = std::chrono::minutes(config.baseline_trailing_offset_minutes);
  rules.seasonal_weeks = config.baseline_seasonal_weeks;
  rules.warmup = std::chrono::minutes(config.baseline_warmup_minutes);
  return rules;
}

}  // namespace

std::string data_directory(const Config& config) {
  constexpr std::string_view kRocks = "rocksdb:";
  const std::string& url = config.database_url;
  return url.starts_with(kRocks) ? url.substr(kRocks.size()) : "";
}

store::RetentionRules retention_rules(const Config& config) {
  store::RetentionRules rules;
  rules.rows = std::chrono::days(config.retention_raw_days);
  rules.rollups = std::chrono::days(config.retention_rollup_days);
  rules.bytes_max = static_cast<std::uint64_t>(config.retention_bytes_max);
  rules.rollups_least = std::chrono::minutes(config.drift_window_minutes);
  return rules;
}

Result<std::unique_ptr<store::Store>> open_store(const Config& config, const Clock& clock) {
  const std::string& url = config.database_url;
  if (!data_directory(config).empty()) {
    store::RocksOptions options;
    options.directory = data_directory(config);
    options.cache_bytes = static_cast<std::size_t>(config.rocksdb_cache_bytes);
    options.memtable_bytes = static_cast<std::size_t>(config.rocksdb_memtable_bytes);
    options.wal_bytes_max = static_cast<std::size_t>(config.rocksdb_wal_bytes);
    options.clock = &clock;
    return store::open_rocks_store(options, rollup::merge_encoded);
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    store::PostgresOptions options;
    options.url = url;
    options.connections = static_cast<std::size_t>(config.postgres_connections);
    options.writers = options.connections / 2;
    options.clock = &clock;
    return store::open_postgres_store(options, rollup::merge_encoded);
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("DATABASE_URL: \"{}\" is neither rocksdb:DIR nor postgresql://...",
                           without_password(url))};
}

Engine::Engine(Config settings, std::unique_ptr<store::Store> opened)
    : config(std::move(settings)),
      store(std::move(opened)),
      rules(config.features),
      tree(make_tree(*store)),
      inflow(clock, tree.get()),
      names(*store, rules),
      claims(names, &inflow),
      pipeline(*store, clock, rules, config, &claims),
      windows(*store, rules, tree.get(), {static_cast<std::size_t>(config.host_rows_max)}),
      exclusions(*store, clock, excluded_by(config),
                 [this](const std::string& service, TimeRange range) {
                   return under_alarm(alarms, service, range);
                 }),
      baselines(*store, names, windows, clock,
                {config.baseline_path, levels(config),
                 [this](const baseline::Baseline& built) {
                   // Not fatal: it is learnt later, from what is then in the store.
                   (void)alarms.learn(built).has_value();
                 },
                 &exclusions, derived_rules(config)}),
      alarms({*store, windows, baselines, inflow, clock}, alarm_options(config)),
      outbox(*store),
      silences(*store, clock),
      guard(guard_sources(), {config.guards, config.default_service,
                              std::chrono::seconds(config.alarm_lag_seconds)}),
      desk(*store, windows, baselines, names, rules, clock, config,
           [this](const std::string& service) { return alarms.alarms_of(service); }),
      comparisons(*store, windows, desk, rules, this->config),
      retention(*store, clock, retention_rules(config),
                [this](Time before) {
                  if (tree) tree->forget(before);
                  pipeline.recount_segments();
                }),
      views(view_sources(), config),
      overviews(view_sources(), views),
      slo(view_sources(), config),
      where(view_sources(), config) {}

report::ViewSources Engine::view_sources() {
  return {*store, windows, baselines, desk, rules, clock, [this](const std::string& service) {
            return alarms.brief_of(service);
          }};
}

guard::GuardSources Engine::guard_sources() {
  return {*store, rules, clock, [this](const std::string& service) {
            // Only of a service in memory: of another one the store would be asked.
            if (!alarms.brief_of(service)) return alert::ServiceAlarmsPtr();
            Result<alert::ServiceAlarmsPtr> known = alarms.alarms_of(service);
            return known ? *known : nullptr;
          }};
}

Result<std::unique_ptr<Engine>> make_engine(const Config& config) {
  static const SystemClock clock;
  Result<std::unique_ptr<store::Store>> store = open_store(config, clock);
  if (!store) return store.error();
  return std::make_unique<Engine>(config, std::move(*store));
}

}  // namespace driftguard::cli

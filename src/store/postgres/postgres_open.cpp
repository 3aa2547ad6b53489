// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/migrations.h"
#include "store/postgres/postgres_engine.h"

namespace driftguard::store {

Result<std::unique_ptr<Store>> open_postgres_store(const PostgresOptions& options,
                                                   MergeSummaries merge) {
  return PostgresStore::open(options, std::move(merge));
}

Result<std::unique_ptr<Store>> PostgresStore::open(const PostgresOptions& options,
                                                   MergeSummaries merge) {
  std::unique_ptr<PostgresStore> store(new PostgresStore(options, std::move(merge)));
  auto connection = store->pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  if (auto migrated = migrate(**connection); !migrated) return migrated.error();
  return std::unique_ptr<Store>(std::move(store));
}

Result<PgResult> PostgresStore::query(const std::string& statement,
                                      std::span<const PgParam> params) {
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  return (*connection)->run(statement, params);
}

Result<void> PostgresStore::ping() {
  // A statement that a server in recovery refuses: it would refuse a commit as well.
  auto done = query("SELECT 1 WHERE NOT pg_is_in_recovery()", {});
  if (!done) return done.error();
  if (PQntuples(done->get()) == 1) return {};
  return Error{ErrorCode::kUnavailable, "PostgreSQL is read-only: it is a standby."};
}

Figures PostgresStore::figures() {
  Figures figures = table_sizes();
  figures["connections_open"] = static_cast<double>(pool_.open());
  figures["connects"] = static_cast<double>(pool_.connects());
  figures["commits"] = static_cast<double>(commits_.load());
  figures["commit_failures"] = static_cast<double>(commit_failures_.load());
  figures["commits_resolved"] = static_cast<double>(commits_resolved_.load());
  figures["commit_seconds"] = static_cast<double>(commit_us_.load()) / 1e6;
  figures["sums_made"] = static_cast<double>(sums_made_.load());
  figures["sums_voided"] = static_cast<double>(sums_voided_.load());
  return figures;
}

Figures PostgresStore::table_sizes() {
  constexpr std::chrono::seconds kSizesAge{10};
  const std::lock_guard lock(sizes_mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!sizes_.empty() && now - sizes_read_at_ < kSizesAge) return sizes_;
  sizes_read_at_ = now;
  auto sizes = query(
      "SELECT pg_total_relation_size('observations_raw'), pg_indexes_size('observations_raw'),"
      " pg_total_relation_size('driftguard_rollups'), pg_total_relation_size('driftguard_answers'),"
      " pg_total_relation_size('driftguard_documents'), pg_database_size(current_database()),"
      " pg_total_relation_size('driftguard_sums')",
      {});
  if (!sizes) return sizes_;
  const char* const names[] = {"raw_bytes",     "raw_index_bytes", "rollup_bytes",
                               "answers_bytes", "documents_bytes", "database_bytes",
                               "sums_bytes"};
  for (int i = 0; i < 7; ++i) {
    sizes_[names[i]] = static_cast<double>(field_int8(sizes->get(), 0, i));
  }
  return sizes_;
}

}  // namespace driftguard::store

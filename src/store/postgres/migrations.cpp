// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/migrations.h"

#include <array>

namespace driftguard::store {
namespace {

// Only ever added to: a database is at version N when the first N have run.
constexpr std::array kMigrations = {
    // 1. The raw table is the public one. Summaries are stored as they are: they hardly compress,
    // and pglz is slow. `merged` and its partial index let compaction find what is new without
    // reading what is done.
    R"(CREATE TABLE IF NOT EXISTS observations_raw (
         id BIGSERIAL PRIMARY KEY,
         ts TIMESTAMPTZ NOT NULL,
         service TEXT NOT NULL,
         endpoint TEXT NOT NULL,
         host TEXT,
         payload JSONB NOT NULL);
       CREATE INDEX IF NOT EXISTS observations_raw_service_endpoint_ts_idx
         ON observations_raw (service, endpoint, ts);
       CREATE TABLE driftguard_rollups (
         service TEXT COLLATE "C" NOT NULL,
         endpoint TEXT COLLATE "C" NOT NULL,
         bucket BIGINT NOT NULL,
         id BIGSERIAL,
         summary BYTEA NOT NULL,
         merged BOOLEAN NOT NULL DEFAULT false,
         PRIMARY KEY (service, endpoint, bucket, id));
       ALTER TABLE driftguard_rollups ALTER COLUMN summary SET STORAGE EXTERNAL;
       CREATE INDEX driftguard_rollups_parts_idx
         ON driftguard_rollups (bucket, service, endpoint) WHERE NOT merged;
       CREATE TABLE driftguard_answers (
         key BYTEA PRIMARY KEY,
         fingerprint BYTEA NOT NULL,
         answer BYTEA NOT NULL,
         expires_at BIGINT NOT NULL);
       CREATE INDEX driftguard_answers_expires_at_idx ON driftguard_answers (expires_at);
       CREATE TABLE driftguard_documents (key BYTEA PRIMARY KEY, value BYTEA NOT NULL))",
    // 2. Kept sums (sums.h; postgres_sums.cpp says how they stay right). A row without a summary
    // is a claim: somebody is making it. Each row of driftguard_stale_sums is a sum that has to be
    // made. The function is one statement in a commit's message, and keeps its plan. Of what was
    // stored before, the hours are listed, each found behind the one before.
    R"(CREATE TABLE driftguard_sums (
         service TEXT COLLATE "C" NOT NULL,
         endpoint TEXT COLLATE "C" NOT NULL,
         width INT NOT NULL,
         begins BIGINT NOT NULL,
         summary BYTEA,
         claim BIGINT NOT NULL,
         claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
         PRIMARY KEY (service, endpoint, width, begins));
       ALTER TABLE driftguard_sums ALTER COLUMN summary SET STORAGE EXTERNAL;
       CREATE TABLE driftguard_stale_sums (
         ends BIGINT NOT NULL,
         width INT NOT NULL,
         service TEXT COLLATE "C" NOT NULL,
         endpoint TEXT COLLATE "C" NOT NULL,
         PRIMARY KEY (ends, width, service, endpoint));
       CREATE FUNCTION driftguard_void_sums(
         services TEXT[], endpoints TEXT[], widths INT[], begin_times BIGINT[])
       RETURNS BIGINT LANGUAGE plpgsql AS $$
       DECLARE
         gone BIGINT := 0;
         here BIGINT;
       BEGIN
         FOR i IN 1 .. cardinality(services) LOOP
           DELETE FROM driftguard_sums WHERE service = services[i] AND endpoint = endpoints[i]
             AND width = widths[i] AND begins = begin_times[i];
           GET DIAGNOSTICS here = ROW_COUNT;
           gone := gone + here;
         END LOOP;
         RETURN gone;
       END $$;
       WITH RECURSIVE h AS (
         (SELECT service, endpoint, bucket - mod(mod(bucket, 3600000000) + 3600000000, 3600000000)
            AS hour FROM driftguard_rollups ORDER BY service, endpoint, bucket LIMIT 1)
         UNION ALL SELECT n.service, n.endpoint, n.hour FROM h CROSS JOIN LATERAL (
           SELECT r.service, r.endpoint,
             r.bucket - mod(mod(r.bucket, 3600000000) + 3600000000, 3600000000) AS hour
           FROM driftguard_rollups r
           WHERE (r.service, r.endpoint, r.bucket) >= (h.service, h.endpoint, h.hour + 3600000000)
           ORDER BY r.service, r.endpoint, r.bucket LIMIT 1) n)
       INSERT INTO driftguard_stale_sums (ends, width, service, endpoint)
         SELECT hour + 3600000000, 3600, service, endpoint FROM h)",
};

// Of the advisory lock: "drift" in ASCII.
constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(430442571380);";

Result<std::size_t> begin_and_read_version(Connection& connection) {
  auto result =
      connection.run("BEGIN; " + std::string(kLock) +
                     "CREATE TABLE IF NOT EXISTS driftguard_schema (version INT NOT NULL);"
                     "SELECT coalesce(max(version), 0) FROM driftguard_schema");
  if (!result) return result.error();
  return static_cast<std::size_t>(std::stoul(std::string(field(result->get(), 0, 0))));
}

}  // namespace

Result<void> migrate(Connection& connection) {
  while (true) {
    const auto version = begin_and_read_version(connection);
    if (!version) return version.error();
    if (*version > kMigrations.size()) {
      connection.roll_back();
      return Error{ErrorCode::kInvalidArgument,
                   "The database has schema version " + std::to_string(*version) +
                       ", made by a newer driftguard; this one knows versions up to " +
                       std::to_string(kMigrations.size()) + "."};
    }
    if (*version == kMigrations.size()) {
      auto done = connection.run("COMMIT");
      return done ? Result<void>() : done.error();
    }
    auto done = connection.run(std::string(kMigrations[*version]) +
                               "; INSERT INTO driftguard_schema VALUES (" +
                               std::to_string(*version + 1) + "); COMMIT");
    if (!done) return done.error();
  }
}

}  // namespace driftguard::store

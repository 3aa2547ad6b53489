// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_engine.h"
#include "store/sums.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kPartsAtOnce = 256;  // Held in memory: 256 summaries of some 10 KB.
constexpr std::size_t kBucketsAtOnce = 500;

}  // namespace

// Only buckets with unmerged parts are looked at, through their partial index. Each step is one
// transaction: readers see the parts or their sum. A bucket whose parts do not merge is left as
// it is; the others are done, and the error is given at the end.
Result<std::size_t> PostgresStore::compact(Time before) {
  const PgParam params[] = {PgParam::int8(us_since_epoch(before)),
                            PgParam::int8(static_cast<std::int64_t>(kBucketsAtOnce))};
  auto found = query(
      "SELECT DISTINCT bucket, service, endpoint FROM driftguard_rollups"
      " WHERE NOT merged AND bucket < $1 ORDER BY bucket, service, endpoint LIMIT $2",
      params);
  if (!found) return found.error();
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  std::size_t gone = 0;
  std::optional<Error> failed;
  for (int i = 0; i < PQntuples(found->get()); ++i) {
    const Bucket bucket{.service = std::string(field(found->get(), i, 1)),
                        .endpoint = std::string(field(found->get(), i, 2)),
                        .us = field_int8(found->get(), i, 0)};
    const auto merged = compact_bucket(**connection, bucket);
    if (merged) {
      gone += *merged;
    } else if (merged.error().code == ErrorCode::kCorrupt) {
      failed = merged.error();
    } else {
      return merged.error();
    }
  }
  if (failed) return *failed;
  return gone;
}

Result<std::size_t> PostgresStore::compact_bucket(Connection& connection, const Bucket& bucket) {
  std::size_t gone = 0;
  for (bool done = false; !done;) {
    const auto merged = merge_some_parts(connection, bucket, done);
    if (!merged) return connection.roll_back(), merged.error();
    gone += *merged;
  }
  return gone;
}

// New parts of a bucket are seen here once, live ones as well as late and imported ones: their sums
// are to be made.
Result<void> PostgresStore::list_stale_sums(Connection& connection, const Bucket& bucket) {
  std::string ends;
  for (const std::chrono::seconds width : kSumWidths) {
    const Time begins = stretch_of(time_from_us(bucket.us), width);
    ends += (ends.empty() ? "(" : ",(") + std::to_string(us_since_epoch(begins + width)) + "," +
            std::to_string(width.count()) + ")";
  }
  const PgParam names[] = {PgParam::text(bucket.service), PgParam::text(bucket.endpoint)};
  auto listed = connection.run(
      "INSERT INTO driftguard_stale_sums (ends, width, service, endpoint)"
      " SELECT ends, width, $1, $2 FROM (VALUES " +
          ends + ") AS v (ends, width) ON CONFLICT DO NOTHING",
      names);
  return listed ? Result<void>() : listed.error();
}

Result<std::size_t> PostgresStore::merge_some_parts(Connection& connection, const Bucket& bucket,
                                                    bool& done) {
  // "driftcom" in ASCII: the lease of compaction, held for one transaction at a time.
  auto leased = connection.run("BEGIN; SELECT pg_try_advisory_xact_lock(7219372594573274989)::int");
  if (!leased) return leased.error();
  if (field(leased->get(), 0, 0) != "1") {
    done = true;  // Another node is at it.
    connection.roll_back();
    return std::size_t{0};
  }
  const PgParam params[] = {PgParam::text(bucket.service), PgParam::text(bucket.endpoint),
                            PgParam::int8(bucket.us),
                            PgParam::int8(static_cast<std::int64_t>(kPartsAtOnce))};
  auto parts = connection.run(
      "DELETE FROM driftguard_rollups WHERE service = $1 AND endpoint = $2 AND bucket = $3"
      " AND id IN (SELECT id FROM driftguard_rollups WHERE service = $1 AND endpoint = $2"
      " AND bucket = $3 ORDER BY id LIMIT $4) RETURNING summary",
      params);
  if (!parts) return parts.error();
  const auto count = static_cast<std::size_t>(PQntuples(parts->get()));
  done = count < kPartsAtOnce;
  if (count == 0) {
    connection.roll_back();
    return std::size_t{0};
  }
  std::vector<std::string_view> summaries;
  for (int i = 0; i < PQntuples(parts->get()); ++i) summaries.push_back(field(parts->get(), i, 0));
  auto merged = count == 1 ? std::string(summaries.front()) : merge_(summaries);
  if (!merged) {
    return Error{ErrorCode::kCorrupt, "The summaries of " + bucket.service + " " + bucket.endpoint +
                                          " do not merge: " + merged.error().detail};
  }
  const PgParam row[] = {params[0], params[1], params[2], PgParam::bytea(*merged)};
  auto stored = connection.run(
      std::string("INSERT INTO driftguard_rollups (service, endpoint, bucket, summary, merged)"
                  " VALUES ($1, $2, $3, $4, ") +
          (done ? "true)" : "false)"),
      row);
  if (!stored) return stored.error();
  if (auto listed = list_stale_sums(connection, bucket); !listed) return listed.error();
  auto committed = connection.run("COMMIT");
  if (!committed) return committed.error();
  return count - 1;
}

}  // namespace driftguard::store

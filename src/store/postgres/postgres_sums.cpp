// SPDX-License-Identifier: Apache-2.0
// Kept sums (sums.h), made by any number of nodes while any number commits. No lock is held while
// a sum is read and added up, and no clock has to agree with another. Making one takes four steps:
//
//   1. A claim, a row of driftguard_sums without a summary, is committed.
//   2. All transactions that have got an id by then come to their end.
//   3. The summaries of the stretch are read and merged.
//   4. The row gets its summary, if it is still there and still this claim.
//
// A commit takes its transaction's id first, then deletes the rows of its stretches (with a
// snapshot taken after that), then adds its deltas. If its snapshot was taken after step 1, it sees
// the claim, or what became of it, and deletes it: step 4 finds nothing, or the sum is gone with
// the commit (who comes second waits for the other's row lock, and then sees what it did). If its
// snapshot was taken before, so was its id, and step 2 waits for it: step 3 reads its deltas. So
// each delta is in the sum, or no sum is left; whatever dies where, and on which node.
//
// A claim outlives a node that dies; after a minute another may take it.
#include <algorithm>
#include <thread>

#include "store/part_sum.h"
#include "store/postgres/postgres_engine.h"
#include "store/postgres/row_stream.h"
#include "store/sums.h"

namespace driftguard::store {
namespace {

constexpr std::chrono::seconds kMinute = kSumWidths[0];
constexpr std::chrono::seconds kHour = kSumWidths[1];

std::string us_of(std::chrono::seconds width) {
  return std::to_string(Microseconds(width).count()) + "::bigint";
}

// What stands between the stretches in `kept` (endpoint, begins, ends), for each endpoint.
std::string gaps_between(const std::string& kept) {
  return "SELECT endpoint, low, high FROM (SELECT endpoint, begins AS high,"
         " lag(ends, 1, $2) OVER (PARTITION BY endpoint ORDER BY begins) AS low FROM (" +
         kept + " UNION ALL SELECT endpoint, $3, $3 FROM e) k) l WHERE low < high";
}

// Sums of one width between low and high of each row of `gaps`. The OFFSET keeps it a short walk
// of the index for each gap, whatever the planner thinks of their number.
std::string sums_between(std::chrono::seconds width, const std::string& gaps) {
  return "SELECT s.* FROM " + gaps +
         " g CROSS JOIN LATERAL (SELECT endpoint, begins, width, summary FROM driftguard_sums"
         " WHERE service = $1 AND endpoint = g.endpoint AND width = " +
         std::to_string(width.count()) + " AND begins >= g.low AND begins <= g.high - " +
         us_of(width) + " AND summary IS NOT NULL ORDER BY begins OFFSET 0) s";
}

// Hours, minutes between them, buckets between those: one statement sees one moment. $1 service,
// $2 and $3 the range, $4 the endpoint if one is asked for.
std::string sums_statement(bool of_endpoint) {
  const std::string endpoints =
      of_endpoint
          ? "SELECT $4"
          : "(SELECT endpoint FROM driftguard_rollups WHERE service = $1 ORDER BY endpoint LIMIT 1)"
            " UNION ALL SELECT n.endpoint FROM e CROSS JOIN LATERAL ("
            "SELECT r.endpoint FROM driftguard_rollups r WHERE r.service = $1"
            " AND r.endpoint > e.endpoint ORDER BY r.endpoint LIMIT 1) n";
  const std::string kept_hours =
      "SELECT endpoint, begins, begins + " + us_of(kHour) + " AS ends FROM hours";
  const std::string kept_minutes =
      "SELECT endpoint, begins, begins + " + us_of(kMinute) + " AS ends FROM minutes";
  return "WITH RECURSIVE e (endpoint) AS (" + endpoints +
         "), all_time AS (SELECT endpoint, $2 AS low, $3 AS high FROM e),"
         " hours AS MATERIALIZED (" +
         sums_between(kHour, "all_time") + "), no_hour AS (" + gaps_between(kept_hours) +
         "), minutes AS MATERIALIZED (" + sums_between(kMinute, "no_hour") + "), no_sum AS (" +
         gaps_between(kept_hours + " UNION ALL " + kept_minutes) +
         "), buckets AS (SELECT b.* FROM no_sum g CROSS JOIN LATERAL ("
         "SELECT endpoint, bucket AS begins, 0 AS width, summary FROM driftguard_rollups"
         " WHERE service = $1 AND endpoint = g.endpoint AND bucket >= g.low AND bucket < g.high"
         " ORDER BY bucket, id OFFSET 0) b)"
         " SELECT endpoint, begins, width::bigint, summary FROM (SELECT * FROM hours"
         " UNION ALL SELECT * FROM minutes UNION ALL SELECT * FROM buckets) p"
         " ORDER BY endpoint COLLATE \"C\", begins";
}

std::vector<PgParam> key_params(const SegmentName& segment, std::chrono::seconds width,
                                std::int64_t us) {
  return {PgParam::text(segment.service), PgParam::text(segment.endpoint),
          PgParam::int8(width.count()), PgParam::int8(us)};
}

}  // namespace

Result<void> PostgresStore::read_sums(const SegmentFilter& filter, TimeRange range,
                                      const SumVisitor& visit) {
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  return read_sums(**connection, filter, range, visit);
}

Result<void> PostgresStore::read_sums(Connection& connection, const SegmentFilter& filter,
                                      TimeRange range, const SumVisitor& visit) {
  std::vector<PgParam> params{PgParam::text(filter.service),
                              PgParam::int8(us_since_epoch(range.from)),
                              PgParam::int8(us_since_epoch(range.to))};
  if (filter.endpoint) params.push_back(PgParam::text(*filter.endpoint));
  auto sent = connection.send(sums_statement(filter.endpoint.has_value()), params, true);
  if (!sent) return sent;
  return for_each_row(connection, Rest::kCancel, [&](const PGresult* row) {
    return visit(field(row, 0, 0), time_from_us(field_int8(row, 0, 1)),
                 std::chrono::seconds(field_int8(row, 0, 2)), field(row, 0, 3));
  });
}

Result<std::size_t> PostgresStore::make_sums(Time before, std::size_t limit) {
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  const auto claims = claim_sums(**connection, before, limit);
  if (!claims) return (*connection)->roll_back(), claims.error();
  if (claims->empty()) return std::size_t{0};
  const auto waited = wait_for_commits_under_way(**connection);
  if (!waited) return waited.error();
  if (!*waited) return std::size_t{0};  // The claims are taken up again once they are old.
  std::optional<Error> failed;
  for (const Claim& claim : *claims) {
    const auto made = make_sum(**connection, claim);
    if (made) continue;
    (*connection)->roll_back();
    if (made.error().code != ErrorCode::kCorrupt) return made.error();
    failed = made.error();
  }
  if (failed) return *failed;
  return claims->size();
}

// Step 1. Rows are taken in the order of their keys, as commits take them. What is derived need not
// be synced: what a crash of the server takes back, it takes back from the end.
Result<std::vector<PostgresStore::Claim>> PostgresStore::claim_sums(Connection& connection,
                                                                    Time before,
                                                                    std::size_t limit) {
  auto begun = connection.run("BEGIN; SET LOCAL synchronous_commit = off");
  if (!begun) return begun.error();
  const PgParam params[] = {PgParam::int8(us_since_epoch(before)),
                            PgParam::int8(static_cast<std::int64_t>(limit))};
  auto claimed = connection.run(
      "WITH due AS MATERIALIZED (SELECT * FROM driftguard_stale_sums WHERE ends <= $1"
      " ORDER BY ends, width, service, endpoint LIMIT $2)"
      " INSERT INTO driftguard_sums AS s (service, endpoint, width, begins, claim)"
      " SELECT service, endpoint, width, ends - width * 1000000::bigint,"
      " pg_current_xact_id()::text::bigint FROM due ORDER BY service, endpoint, width, ends"
      " ON CONFLICT (service, endpoint, width, begins) DO UPDATE"
      " SET summary = NULL, claim = excluded.claim, claimed_at = now()"
      " WHERE s.summary IS NOT NULL OR s.claimed_at < now() - interval '1 minute'"
      " RETURNING service, endpoint, width::bigint, begins, claim",
      params);
  if (!claimed) return claimed.error();
  std::vector<Claim> claims;
  const PGresult* rows = claimed->get();
  for (int i = 0; i < PQntuples(rows); ++i) {
    claims.push_back({{std::string(field(rows, i, 0)), std::string(field(rows, i, 1))},
                      std::chrono::seconds(field_int8(rows, i, 2)),
                      time_from_us(field_int8(rows, i, 3)),
                      field_int8(rows, i, 4)});
  }
  // An hour is read as minutes, once they are there.
  std::stable_sort(claims.begin(), claims.end(),
                   [](const Claim& a, const Claim& b) { return a.width < b.width; });
  auto committed = connection.run("COMMIT");
  if (!committed) return committed.error();
  return claims;
}

// Step 2, by an id that is later than all of theirs. False when some transaction takes too long.
Result<bool> PostgresStore::wait_for_commits_under_way(Connection& connection) {
  constexpr int kTries = 500;
  auto next = connection.run("SELECT pg_current_xact_id()");
  if (!next) return next.error();
  const std::string xid(field(next->get(), 0, 0));
  for (int i = 0; i < kTries; ++i) {
    auto oldest = connection.run("SELECT (pg_snapshot_xmin(pg_current_snapshot()) > '" + xid +
                                 "'::xid8)::int");
    if (!oldest) return oldest.error();
    if (field(oldest->get(), 0, 0) == "1") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// Steps 3 and 4. Summaries that do not merge leave no sum, and are not tried again.
Result<void> PostgresStore::make_sum(Connection& connection, const Claim& claim) {
  const auto sum = sum_of(connection, claim);
  if (!sum && sum.error().code != ErrorCode::kCorrupt) return sum.error();
  auto finished = finish_claim(connection, claim, sum ? *sum : std::nullopt);
  if (!finished) return finished;
  return sum ? Result<void>() : sum.error();
}

Result<std::optional<std::string>> PostgresStore::sum_of(Connection& connection,
                                                         const Claim& claim) {
  PartSum sum(merge_);
  Result<void> added;
  const auto read = read_sums(connection, {claim.segment.service, claim.segment.endpoint},
                              {claim.begins, claim.begins + claim.width},
                              [&](auto, auto, auto, std::string_view summary) {
                                added = sum.add(summary);
                                return added.has_value();
                              });
  if (!read) return read.error();
  if (!added) return added.error();
  return sum.take();
}

// One transaction a sum: a commit that deletes the row waits for this one at most. The stretch
// leaves the list only with its claim: a delta that was not read has deleted the claim.
Result<void> PostgresStore::finish_claim(Connection& connection, const Claim& claim,
                                         const std::optional<std::string>& sum) {
  auto begun = connection.run("BEGIN; SET LOCAL synchronous_commit = off");
  if (!begun) return begun.error();
  const std::int64_t begins = us_since_epoch(claim.begins);
  auto params = key_params(claim.segment, claim.width, begins);
  params.push_back(PgParam::int8(claim.number));
  const std::string ours =
      " WHERE service = $1 AND endpoint = $2 AND width = $3 AND begins = $4 AND claim = $5";
  if (sum) params.push_back(PgParam::bytea(*sum));
  auto done = connection.run(
      sum ? "UPDATE driftguard_sums SET summary = $6" + ours : "DELETE FROM driftguard_sums" + ours,
      params);
  if (!done) return done.error();
  if (std::string_view(PQcmdTuples(done->get())) == "0") {
    connection.roll_back();
    return {};
  }
  const auto listed =
      key_params(claim.segment, claim.width, us_since_epoch(claim.begins + claim.width));
  auto struck = connection.run(
      "DELETE FROM driftguard_stale_sums WHERE service = $1 AND endpoint = $2 AND width = $3"
      " AND ends = $4",
      listed);
  if (!struck) return struck.error();
  auto committed = connection.run("COMMIT");
  if (!committed) return committed.error();
  if (sum) sums_made_.fetch_add(1);
  return {};
}

}  // namespace driftguard::store

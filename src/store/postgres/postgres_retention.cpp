// SPDX-License-Identifier: Apache-2.0
// Dropping what is old: a bounded DELETE at a time, each its own short transaction, found by the
// index (service, endpoint, time). PostgreSQL keeps the files: autovacuum makes the space free for
// rows to come. So what is bounded here are live bytes, estimated from a sample of pages: the
// statistics system would tell of a DELETE only seconds later, and too much would be dropped.
#include <algorithm>
#include <cmath>

#include "store/postgres/postgres_engine.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kRowsAtOnce = 5000;
constexpr double kPagesSampled = 1000;

// The two tables by their differences.
struct Table {
  std::string name;
  std::string time;       // The column, as the engine compares it.
  std::string row_bytes;  // On disk, with the entries of the table's indexes.
};

// A row's head and line pointer take 28 bytes; an index entry 12, and pages of an index are full
// to nine tenths. pg_column_size() of a value stored elsewhere is what it takes there.
const Table& table_of(History what) {
  static const Table kRows{
      "observations_raw", "ts",
      "28 + 24 + pg_column_size(service) + pg_column_size(endpoint)"
      " + coalesce(pg_column_size(host), 0) + pg_column_size(payload)"
      " + (20 + 20 + pg_column_size(service) + pg_column_size(endpoint)) / 0.9"};
  static const Table kRollups{"driftguard_rollups", "bucket",
                              "28 + 24 + pg_column_size(service) + pg_column_size(endpoint)"
                              " + pg_column_size(summary) * 1.05"
                              " + (28 + pg_column_size(service) + pg_column_size(endpoint)) / 0.9"};
  return what == History::kRows ? kRows : kRollups;
}

PgParam time_param(History what, Time t) {
  return what == History::kRows ? PgParam::timestamp(t) : PgParam::int8(us_since_epoch(t));
}

Time time_field(History what, const PGresult* result, int column) {
  return what == History::kRows ? field_timestamp(result, 0, column)
                                : time_from_us(field_int8(result, 0, column));
}

// All segments of a table, each the least behind the one before: `s`, for a statement to go on.
std::string segments_of(const std::string& table, const std::string& from) {
  return "WITH RECURSIVE s AS ("
         "(SELECT o.service, o.endpoint FROM " +
         table + " o " + from +
         " ORDER BY o.service, o.endpoint LIMIT 1)"
         " UNION ALL SELECT n.service, n.endpoint FROM s CROSS JOIN LATERAL ("
         "SELECT o.service, o.endpoint FROM " +
         table +
         " o WHERE (o.service, o.endpoint) > (s.service, s.endpoint)"
         " ORDER BY o.service, o.endpoint LIMIT 1) n) ";
}

// Names of segments are never empty: the least pair stands before all.
Result<std::optional<SegmentName>> next_segment(Connection& connection, const DropStep& step,
                                                const SegmentName& from) {
  const Table& table = table_of(step.what);
  const PgParam params[] = {PgParam::text(from.service), PgParam::text(from.endpoint),
                            time_param(step.what, step.before)};
  auto found = connection.run(
      segments_of(table.name, "WHERE (o.service, o.endpoint) >= ($1, $2)") +
          "SELECT s.service, s.endpoint FROM s WHERE EXISTS (SELECT 1 FROM " + table.name +
          " o WHERE o.service = s.service AND o.endpoint = s.endpoint AND o." + table.time +
          " < $3) LIMIT 1",
      params);
  if (!found) return found.error();
  if (PQntuples(found->get()) == 0) return std::optional<SegmentName>();
  return std::optional(
      SegmentName{std::string(field(found->get(), 0, 0)), std::string(field(found->get(), 0, 1))});
}

// Sums over buckets that are about to go, and claims of such; those that reach behind are to be
// made again. As a commit does it: first the transaction's id, then this, then the buckets
// (postgres_sums.cpp).
Result<void> void_sums(Connection& connection, const SegmentName& segment, Time before) {
  if (auto id = connection.run("SELECT pg_current_xact_id()"); !id) return id.error();
  const PgParam params[] = {PgParam::text(segment.service), PgParam::text(segment.endpoint),
                            PgParam::int8(us_since_epoch(before))};
  auto voided = connection.run(
      "WITH gone AS (DELETE FROM driftguard_sums WHERE service = $1 AND endpoint = $2"
      " AND begins < $3 RETURNING begins + width * 1000000::bigint AS ends, width)"
      " INSERT INTO driftguard_stale_sums (ends, width, service, endpoint)"
      " SELECT ends, width, $1, $2 FROM gone WHERE ends > $3 ON CONFLICT DO NOTHING",
      params);
  return voided ? Result<void>() : voided.error();
}

// One transaction, under a lease of its own: empty when another node is at it.
Result<std::optional<std::size_t>> drop_some(Connection& connection, const DropStep& step,
                                             const SegmentName& segment, std::size_t limit) {
  // "driftret" in ASCII.
  auto leased = connection.run("BEGIN; SELECT pg_try_advisory_xact_lock(7237963439899043188)::int");
  if (!leased) return leased.error();
  if (field(leased->get(), 0, 0) != "1") {
    connection.roll_back();
    return std::optional<std::size_t>();
  }
  const Table& table = table_of(step.what);
  if (step.what == History::kRollups) {
    if (auto voided = void_sums(connection, segment, step.before); !voided) {
      return connection.roll_back(), voided.error();
    }
  }
  const PgParam params[] = {PgParam::text(segment.service), PgParam::text(segment.endpoint),
                            time_param(step.what, step.before),
                            PgParam::int8(static_cast<std::int64_t>(limit))};
  auto deleted =
      connection.run("DELETE FROM " + table.name + " WHERE ctid = ANY(ARRAY(SELECT ctid FROM " +
                         table.name + " WHERE service = $1 AND endpoint = $2 AND " + table.time +
                         " < $3 ORDER BY " + table.time + " LIMIT $4))",
                     params);
  if (!deleted) return connection.roll_back(), deleted.error();
  const std::size_t count = std::stoul(PQcmdTuples(deleted->get()));
  if (auto committed = connection.run("COMMIT"); !committed) return committed.error();
  return std::optional(count);
}

}  // namespace

Result<Dropped> PostgresStore::drop(const DropStep& step) {
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  Dropped dropped;
  SegmentName from = step.from.value_or(SegmentName{});
  while (true) {
    auto segment = next_segment(**connection, step, from);
    if (!segment) return segment.error();
    if (!*segment) return dropped;
    if (dropped.count >= step.limit) {
      dropped.next = *std::move(*segment);
      return dropped;
    }
    const std::size_t limit = std::min(kRowsAtOnce, step.limit - dropped.count);
    const auto count = drop_some(**connection, step, **segment, limit);
    if (!count) return count.error();
    if (!*count || **count == 0) return dropped;  // Another node drops these.
    dropped.count += **count;
    from = *std::move(*segment);
  }
}

Result<std::optional<Time>> PostgresStore::oldest(History what) {
  const Table& table = table_of(what);
  auto found =
      query(segments_of(table.name, "") + "SELECT min(f.t) FROM s CROSS JOIN LATERAL (SELECT " +
                table.time + " AS t FROM " + table.name +
                " o WHERE o.service = s.service AND o.endpoint = s.endpoint ORDER BY " +
                table.time + " LIMIT 1) f",
            {});
  if (!found) return found.error();
  if (PQgetisnull(found->get(), 0, 0)) return std::optional<Time>();
  return std::optional(time_field(what, found->get(), 0));
}

// Live rows by what a sample of pages holds (always of the same, so that figures do not jump), and
// the moment that share of them lies before.
Result<PostgresStore::Sample> PostgresStore::sample(History what, double share) {
  const Table& table = table_of(what);
  auto pages = query("SELECT pg_relation_size('" + table.name + "') / 8192", {});
  if (!pages) return pages.error();
  const auto total = static_cast<double>(field_int8(pages->get(), 0, 0));
  const double percent = total <= kPagesSampled ? 100 : 100 * kPagesSampled / total;
  auto found =
      query("SELECT count(*), coalesce(sum(" + table.row_bytes + "), 0)::bigint, percentile_disc(" +
                std::to_string(share) + ") WITHIN GROUP (ORDER BY " + table.time + "), max(" +
                table.time + ") FROM " + table.name + " TABLESAMPLE SYSTEM (" +
                std::to_string(percent) + ") REPEATABLE (1)",
            {});
  if (!found) return found.error();
  Sample sample;
  if (field_int8(found->get(), 0, 0) == 0) return sample;
  sample.bytes = static_cast<std::uint64_t>(static_cast<double>(field_int8(found->get(), 0, 1)) *
                                            100 / percent);
  sample.at_share = time_field(what, found->get(), 2);
  sample.newest = time_field(what, found->get(), 3);
  return sample;
}

Result<std::uint64_t> PostgresStore::bytes() {
  auto others = query(
      "SELECT pg_total_relation_size('driftguard_answers')"
      " + pg_total_relation_size('driftguard_documents')",
      {});
  if (!others) return others.error();
  auto bytes = static_cast<std::uint64_t>(field_int8(others->get(), 0, 0));
  for (const History what : {History::kRows, History::kRollups}) {
    const auto sampled = sample(what, 0);
    if (!sampled) return sampled.error();
    bytes += sampled->bytes;
  }
  return bytes;
}

Result<DropCut> PostgresStore::find_cut(History what, std::uint64_t bytes) {
  auto all = sample(what, 0);
  if (!all) return all.error();
  const Time behind = std::min(all->newest, kLatest) + Microseconds(1);  // Not "infinity".
  if (all->bytes <= bytes) return DropCut{all->bytes == 0 ? Time::min() : behind, all->bytes};
  const auto cut = sample(what, static_cast<double>(bytes) / static_cast<double>(all->bytes));
  if (!cut) return cut.error();
  return DropCut{std::min(cut->at_share, kLatest) + Microseconds(1), bytes};
}

Result<void> PostgresStore::reclaim(History, Reclaim, std::atomic<bool>&) { return {}; }

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>

#include "store/postgres/postgres_engine.h"
#include "store/postgres/row_stream.h"

namespace driftguard::store {
namespace {

constexpr const char* kPutDocument =
    "INSERT INTO driftguard_documents (key, value) VALUES ($1, $2)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value";

// The rows of one page behind a cursor: $1, $2 the time range, $3, $4 the row before.
constexpr std::string_view kPlace = "ts >= $1 AND ts < $2 AND ts >= $3 AND (ts, id) > ($3, $4)";

// Without an endpoint the index still serves: a walk over the segments (each the least behind
// the one before), then a short ordered read in each, merged. Reading all of the service's time
// range and sorting it would cost a full pass for every page.
std::string rows_statement(const RowQuery& query) {
  const std::string columns = "r.id, r.ts, r.service, r.endpoint, r.host, r.payload";
  const std::string limit = " ORDER BY ts, id LIMIT " + std::to_string(query.rows_max + 1);
  if (query.endpoint) {
    return "SELECT " + columns +
           " FROM observations_raw r WHERE service = $5 AND endpoint = $6 AND " +
           std::string(kPlace) + limit;
  }
  const std::string of_service = query.service ? " AND o.service = $5" : "";
  return "WITH RECURSIVE s AS ("
         "(SELECT o.service, o.endpoint FROM observations_raw o WHERE true" +
         of_service +
         " ORDER BY o.service, o.endpoint LIMIT 1)"
         " UNION ALL SELECT n.service, n.endpoint FROM s CROSS JOIN LATERAL ("
         "SELECT o.service, o.endpoint FROM observations_raw o"
         " WHERE (o.service, o.endpoint) > (s.service, s.endpoint)" +
         of_service +
         " ORDER BY o.service, o.endpoint LIMIT 1) n)"
         " SELECT " +
         columns +
         " FROM s CROSS JOIN LATERAL ("
         "SELECT * FROM observations_raw o WHERE o.service = s.service AND o.endpoint = s.endpoint"
         " AND " +
         std::string(kPlace) + limit + ") r" + limit;
}

std::vector<PgParam> rows_params(const RowQuery& query) {
  const RowCursor after = query.after.value_or(RowCursor{Time::min(), 0});
  std::vector<PgParam> params{PgParam::timestamp(query.range.from),
                              PgParam::timestamp(query.range.to), PgParam::timestamp(after.ts),
                              PgParam::int8(static_cast<std::int64_t>(after.id))};
  if (query.service) params.push_back(PgParam::text(*query.service));
  if (query.endpoint) params.push_back(PgParam::text(*query.endpoint));
  return params;
}

StoredRow read_row(const PGresult* row) {
  StoredRow out{.ts = field_timestamp(row, 0, 1),
                .id = static_cast<std::uint64_t>(field_int8(row, 0, 0)),
                .service = std::string(field(row, 0, 2)),
                .endpoint = std::string(field(row, 0, 3)),
                .host = std::nullopt,
                .payload = std::string(field(row, 0, 5).substr(1))};  // Behind JSONB's version.
  if (!PQgetisnull(row, 0, 4)) out.host = field(row, 0, 4);
  return out;
}

std::string least_behind(std::string_view prefix) {
  std::string out(prefix);
  while (!out.empty() && out.back() == '\xff') out.pop_back();
  if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

}  // namespace

Result<RowPage> PostgresStore::read_rows(const RowQuery& query) {
  assert(query.service || !query.endpoint);
  RowQuery bounded = query;
  bounded.rows_max = std::max<std::size_t>(1, query.rows_max);
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  auto sent = (*connection)->send(rows_statement(bounded), rows_params(bounded), true);
  if (!sent) return sent.error();
  RowPage page;
  std::size_t bytes = 0;
  bool more = false;
  auto read = for_each_row(**connection, Rest::kRead, [&](const PGresult* row) {
    // One row beyond the page says that there is more.
    if (page.rows.size() == bounded.rows_max || bytes > bounded.bytes_max) {
      more = true;
      return false;
    }
    page.rows.push_back(read_row(row));
    const StoredRow& added = page.rows.back();
    bytes += added.payload.size() + added.service.size() + added.endpoint.size();
    return true;
  });
  if (!read) return read.error();
  if (more) page.next = RowCursor{page.rows.back().ts, page.rows.back().id};
  return page;
}

Result<void> PostgresStore::read_rollups(const SegmentFilter& filter, TimeRange range,
                                         const RollupVisitor& visit) {
  std::vector<PgParam> params{PgParam::text(filter.service),
                              PgParam::int8(us_since_epoch(range.from)),
                              PgParam::int8(us_since_epoch(range.to))};
  std::string statement =
      "SELECT endpoint, bucket, summary FROM driftguard_rollups"
      " WHERE service = $1 AND bucket >= $2 AND bucket < $3";
  if (filter.endpoint) {
    statement += " AND endpoint = $4";
    params.push_back(PgParam::text(*filter.endpoint));
  }
  statement += " ORDER BY service, endpoint, bucket, id";
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  if (auto sent = (*connection)->send(statement, params, true); !sent) return sent;
  return for_each_row(**connection, Rest::kCancel, [&](const PGresult* row) {
    return visit(field(row, 0, 0), time_from_us(field_int8(row, 0, 1)), field(row, 0, 2));
  });
}

Result<std::vector<SegmentName>> PostgresStore::list_segments(std::string_view service) {
  const std::string only = service.empty() ? " AND $1 = ''" : " AND r.service = $1";
  const PgParam params[] = {PgParam::text(service)};
  auto found = query(
      "WITH RECURSIVE s AS ("
      "(SELECT r.service, r.endpoint FROM driftguard_rollups r WHERE true" +
          only +
          " ORDER BY r.service, r.endpoint LIMIT 1)"
          " UNION ALL SELECT n.service, n.endpoint FROM s CROSS JOIN LATERAL ("
          "SELECT r.service, r.endpoint FROM driftguard_rollups r"
          " WHERE (r.service, r.endpoint) > (s.service, s.endpoint)" +
          only + " ORDER BY r.service, r.endpoint LIMIT 1) n) SELECT service, endpoint FROM s",
      params);
  if (!found) return found.error();
  std::vector<SegmentName> segments;
  for (int i = 0; i < PQntuples(found->get()); ++i) {
    segments.push_back(
        {std::string(field(found->get(), i, 0)), std::string(field(found->get(), i, 1))});
  }
  std::sort(segments.begin(), segments.end());
  return segments;
}

Result<std::optional<StoredAnswer>> PostgresStore::find_answer(std::string_view key) {
  const PgParam params[] = {PgParam::bytea(key)};
  auto found = query(
      "SELECT fingerprint, answer, expires_at FROM driftguard_answers WHERE key = $1", params);
  if (!found) return found.error();
  const PGresult* row = found->get();
  if (PQntuples(row) == 0) return std::optional<StoredAnswer>();
  return std::optional(StoredAnswer{.key = std::string(key),
                                    .fingerprint = std::string(field(row, 0, 0)),
                                    .answer = std::string(field(row, 0, 1)),
                                    .expires_at = time_from_us(field_int8(row, 0, 2))});
}

Result<std::size_t> PostgresStore::drop_expired_answers(Time now, std::size_t limit) {
  const PgParam params[] = {PgParam::int8(us_since_epoch(now)),
                            PgParam::int8(static_cast<std::int64_t>(limit))};
  auto dropped = query(
      "DELETE FROM driftguard_answers WHERE key IN (SELECT key FROM driftguard_answers"
      " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
      params);
  if (!dropped) return dropped.error();
  return static_cast<std::size_t>(std::strtoul(PQcmdTuples(dropped->get()), nullptr, 10));
}

Result<std::optional<std::string>> PostgresStore::get_document(std::string_view key) {
  const PgParam params[] = {PgParam::bytea(key)};
  auto found = query("SELECT value FROM driftguard_documents WHERE key = $1", params);
  if (!found) return found.error();
  if (PQntuples(found->get()) == 0) return std::optional<std::string>();
  return std::optional(std::string(field(found->get(), 0, 0)));
}

Result<void> PostgresStore::put_document(std::string_view key, std::string_view value) {
  const PgParam params[] = {PgParam::bytea(key), PgParam::bytea(value)};
  auto done = query(kPutDocument, params);
  return done ? Result<void>() : done.error();
}

Result<bool> PostgresStore::create_document(std::string_view key, std::string_view value) {
  const PgParam params[] = {PgParam::bytea(key), PgParam::bytea(value)};
  auto done =
      query("INSERT INTO driftguard_documents (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            params);
  if (!done) return done.error();
  return std::string_view(PQcmdTuples(done->get())) == "1";
}

Result<std::vector<std::string>> PostgresStore::list_documents(std::string_view prefix) {
  const std::string behind = least_behind(prefix);
  const PgParam params[] = {PgParam::bytea(prefix), PgParam::bytea(behind)};
  auto found = query(
      "SELECT key FROM driftguard_documents WHERE key >= $1 AND ($2 = ''::bytea OR key < $2)"
      " ORDER BY key",
      params);
  if (!found) return found.error();
  std::vector<std::string> keys;
  for (int i = 0; i < PQntuples(found->get()); ++i) keys.emplace_back(field(found->get(), i, 0));
  return keys;
}

// One lock puts the changes of all processes in an order; documents are few and small.
Result<bool> PostgresStore::change_documents(std::span<const DocumentExpectation> expected,
                                             std::span<const DocumentWrite> writes) {
  auto connection = pool_.take(Purpose::kOther);
  if (!connection) return connection.error();
  // "driftdoc" in ASCII.
  auto begun = (*connection)->run("BEGIN; SELECT pg_advisory_xact_lock(7237963439898128227)");
  if (!begun) return begun.error();
  for (const auto& [key, value] : expected) {
    const PgParam params[] = {PgParam::bytea(key)};
    auto found =
        (*connection)->run("SELECT value FROM driftguard_documents WHERE key = $1", params);
    if (!found) return (*connection)->roll_back(), found.error();
    const bool there = PQntuples(found->get()) > 0;
    if (there != value.has_value() || (there && field(found->get(), 0, 0) != *value)) {
      (*connection)->roll_back();
      return false;
    }
  }
  for (const auto& [key, value] : writes) {
    const PgParam params[] = {PgParam::bytea(key), PgParam::bytea(value.value_or(""))};
    auto done = value ? (*connection)->run(kPutDocument, params)
                      : (*connection)
                            ->run("DELETE FROM driftguard_documents WHERE key = $1",
                                  std::span(params).first(1));
    if (!done) return (*connection)->roll_back(), done.error();
  }
  auto committed = (*connection)->run("COMMIT");
  if (!committed) return committed.error();
  return true;
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// The hot transaction. All of its statements go to the server in one message, which gives back
// the transaction's id on the way; then come the rows of the two COPYs. When the connection dies
// before the server has confirmed, that id tells later what became of the transaction.
#include <algorithm>
#include <set>
#include <thread>
#include <tuple>

#include "store/commit_check.h"
#include "store/postgres/postgres_engine.h"
#include "store/sums.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kChunkBytes = 256u << 10;
constexpr std::string_view kCopyHead("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

std::string hex_literal(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "'\\x";
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out += "'";
}

// Expired answers make room; a live one under the same key violates the primary key, which ends
// the transaction. In the order of keys, so that two commits never wait for each other.
std::string answer_statements(std::span<const StoredAnswer> answers, Time now) {
  std::vector<const StoredAnswer*> sorted;
  for (const StoredAnswer& answer : answers) sorted.push_back(&answer);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key < b->key; });
  std::string keys, rows;
  for (const StoredAnswer* answer : sorted) {
    const std::string key = hex_literal(answer->key);
    keys += (keys.empty() ? "" : ",") + key;
    rows += (rows.empty() ? "(" : ",(") + key + "," + hex_literal(answer->fingerprint) + "," +
            hex_literal(answer->answer) + "," + std::to_string(us_since_epoch(answer->expires_at)) +
            ")";
  }
  return "DELETE FROM driftguard_answers WHERE key IN (" + keys +
         ") AND expires_at <= " + std::to_string(us_since_epoch(now)) +
         ";INSERT INTO driftguard_answers (key, fingerprint, answer, expires_at) VALUES " + rows +
         ";";
}

// The sums over the commit's buckets go. In the order of the table's keys, so that two commits
// never wait for each other.
Result<std::string> void_statement(Connection& connection, std::span<const RollupDelta> rollups) {
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t, std::int64_t>> sums;
  for (const RollupDelta& delta : rollups) {
    for (const std::chrono::seconds width : kSumWidths) {
      sums.emplace(delta.key.service, delta.key.endpoint, width.count(),
                   us_since_epoch(stretch_of(delta.key.bucket, width)));
    }
  }
  std::string services, endpoints, widths, begins;
  for (const auto& [service, endpoint, width, us] : sums) {
    const auto service_text = connection.literal(service),
               endpoint_text = connection.literal(endpoint);
    if (!service_text) return service_text.error();
    if (!endpoint_text) return endpoint_text.error();
    const char* comma = services.empty() ? "" : ",";
    services += comma + *service_text;
    endpoints += comma + *endpoint_text;
    widths += comma + std::to_string(width);
    begins += comma + std::to_string(us);
  }
  return "SELECT driftguard_void_sums(ARRAY[" + services + "]::text[],ARRAY[" + endpoints +
         "]::text[],ARRAY[" + widths + "],ARRAY[" + begins + "]::bigint[]);";
}

// At least one COPY, of no rows if need be: the server then waits for us, and cannot commit
// before we know the transaction's id.
bool copies_rollups(const Commit& commit) { return !commit.rollups.empty() || commit.rows.empty(); }

Result<std::string> statements_of(Connection& connection, const Commit& commit, Time now) {
  // The transaction has its id before it looks for sums: postgres_sums.cpp builds on that.
  std::string out = "BEGIN ISOLATION LEVEL READ COMMITTED;SELECT pg_current_xact_id();";
  if (!commit.rollups.empty()) {
    auto voided = void_statement(connection, commit.rollups);
    if (!voided) return voided;
    out += *voided;
  }
  if (!commit.answers.empty()) out += answer_statements(commit.answers, now);
  if (!commit.rows.empty()) {
    out +=
        "COPY observations_raw (ts, service, endpoint, host, payload) FROM STDIN (FORMAT binary);";
  }
  if (copies_rollups(commit)) {
    out +=
        "COPY driftguard_rollups (service, endpoint, bucket, summary) FROM STDIN (FORMAT binary);";
  }
  return out += "COMMIT";
}

void append_field(std::string& out, std::string_view bytes) {
  append_be32(out, static_cast<std::int32_t>(bytes.size()));
  out.append(bytes);
}

void append_row(std::string& out, const RawRow& row) {
  append_be16(out, 5);
  append_be32(out, 8);
  append_be64(out, pg_timestamp(row.ts));
  append_field(out, row.service);
  append_field(out, row.endpoint);
  if (row.host) {
    append_field(out, *row.host);
  } else {
    append_be32(out, -1);
  }
  append_be32(out, static_cast<std::int32_t>(row.payload.size() + 1));
  out.push_back('\1');  // The version of JSONB's binary form: text follows.
  out.append(row.payload);
}

void append_row(std::string& out, const RollupDelta& delta) {
  append_be16(out, 4);
  append_field(out, delta.key.service);
  append_field(out, delta.key.endpoint);
  append_be32(out, 8);
  append_be64(out, us_since_epoch(delta.key.bucket));
  append_field(out, delta.summary);
}

template <typename Row>
Result<void> copy(Connection& connection, std::span<const Row> rows) {
  if (auto begun = connection.expect(PGRES_COPY_IN); !begun) return begun.error();
  std::string chunk(kCopyHead);
  chunk.reserve(kChunkBytes + 4096);
  for (const Row& row : rows) {
    append_row(chunk, row);
    if (chunk.size() < kChunkBytes) continue;
    if (auto put = connection.put_copy(chunk); !put) return put;
    chunk.clear();
  }
  append_be16(chunk, -1);
  if (auto put = connection.put_copy(chunk); !put) return put;
  if (auto ended = connection.end_copy(); !ended) return ended;
  auto copied = connection.expect(PGRES_COMMAND_OK);
  return copied ? Result<void>() : copied.error();
}

// A row of the commit, found again by the transaction that wrote it. After a crash a server may
// give the id of a lost transaction to another one, so the id alone proves nothing; and the other
// one may well hold an event of the same service, endpoint and second, so the row is the one that
// is least like any other: an answer, whose key is unique, else a whole event.
std::pair<std::string, std::vector<PgParam>> witness_query(const Commit& commit,
                                                           const std::string& xid) {
  const std::string xmin = " AND xmin::text = (" + xid + "::bigint & 4294967295)::text)";
  if (!commit.answers.empty()) {
    return {"SELECT EXISTS (SELECT 1 FROM driftguard_answers WHERE key = $1" + xmin,
            {PgParam::bytea(commit.answers.front().key)}};
  }
  if (!commit.rows.empty()) {
    // The newest: the one that retention drops last.
    const RawRow& row = *std::max_element(commit.rows.begin(), commit.rows.end(),
                                          [](auto& a, auto& b) { return a.ts < b.ts; });
    return {
        "SELECT EXISTS (SELECT 1 FROM observations_raw WHERE service = $1 AND endpoint = $2"
        " AND ts = $3 AND payload = $4::text::jsonb" +
            xmin,
        {PgParam::text(row.service), PgParam::text(row.endpoint), PgParam::timestamp(row.ts),
         PgParam::text(row.payload)}};
  }
  const RollupDelta& delta = commit.rollups.front();
  return {
      "SELECT EXISTS (SELECT 1 FROM driftguard_rollups WHERE service = $1 AND endpoint = $2"
      " AND bucket = $3 AND summary = $4" +
          xmin,
      {PgParam::text(delta.key.service), PgParam::text(delta.key.endpoint),
       PgParam::int8(us_since_epoch(delta.key.bucket)), PgParam::bytea(delta.summary)}};
}

}  // namespace

Result<void> PostgresStore::commit(const Commit& commit) {
  if (auto sound = check_commit(commit); !sound) return sound;
  if (commit.rows.empty() && commit.rollups.empty() && commit.answers.empty()) return {};
  const auto begin = std::chrono::steady_clock::now();
  Result<void> done;
  std::string xid;
  bool connection_died = false;
  {
    auto connection = pool_.take(Purpose::kCommit);
    if (!connection) return connection.error();
    done = finish_commit(**connection, commit, xid);
    connection_died = !done && (*connection)->broken();
  }
  if (connection_died && !xid.empty()) done = learn_outcome(commit, xid, done.error());
  (done ? commits_ : commit_failures_).fetch_add(1);
  commit_us_.fetch_add(static_cast<std::uint64_t>(
      std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now() - begin).count()));
  return done;
}

// `xid` is set as soon as the transaction is known by one.
Result<void> PostgresStore::finish_commit(Connection& connection, const Commit& commit,
                                          std::string& xid) {
  const auto statements = statements_of(connection, commit, clock_.now());
  if (!statements) return statements.error();
  if (auto sent = connection.send(*statements); !sent) return sent;
  if (auto begun = connection.expect(PGRES_COMMAND_OK); !begun) return begun.error();
  auto id = connection.expect(PGRES_TUPLES_OK);
  if (!id) return id.error();
  xid = field(id->get(), 0, 0);
  if (!commit.rollups.empty()) {
    auto voided = connection.expect(PGRES_TUPLES_OK);
    if (!voided) return voided.error();
    sums_voided_.fetch_add(std::strtoul(PQgetvalue(voided->get(), 0, 0), nullptr, 10));
  }
  if (!commit.answers.empty()) {
    if (auto deleted = connection.expect(PGRES_COMMAND_OK); !deleted) return deleted.error();
    auto inserted = connection.next_result();
    if (!inserted) return inserted.error();
    if (sqlstate(inserted->get()) == "23505") {
      return Error{ErrorCode::kConflict, "An answer is stored under this key already."};
    }
    if (PQresultStatus(inserted->get()) != PGRES_COMMAND_OK) return pg_error(inserted->get());
  }
  if (!commit.rows.empty()) {
    if (auto copied = copy(connection, commit.rows); !copied) return copied;
  }
  if (copies_rollups(commit)) {
    if (auto copied = copy(connection, commit.rollups); !copied) return copied;
  }
  auto committed = connection.expect(PGRES_COMMAND_OK);
  if (!committed) return committed.error();
  connection.drain();
  return {};
}

Result<void> PostgresStore::learn_outcome(const Commit& commit, const std::string& xid,
                                          Error lost) {
  const auto deadline = std::chrono::steady_clock::now() + options_.outcome_timeout;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto committed = is_committed(commit, xid);
    if (committed) {
      commits_resolved_.fetch_add(1);
      if (*committed) return {};
      lost.detail += " Nothing was stored.";
      return lost;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  lost.detail += " Whether the batch is stored is not known.";
  return lost;
}

// An error: not known yet.
Result<bool> PostgresStore::is_committed(const Commit& commit, const std::string& xid) {
  auto connection = pool_.take_now(Purpose::kCommit);
  if (!connection) return connection.error();
  auto status = (*connection)->run("SELECT pg_xact_status('" + xid + "'::xid8)");
  if (!status) {
    // "Transaction ID is in the future": a crash has forgotten that it was ever given.
    if (status.error().code == ErrorCode::kInvalidArgument) return false;
    return status.error();
  }
  const std::string_view text = field(status->get(), 0, 0);
  if (text == "aborted") return false;
  if (text != "committed") return Error{ErrorCode::kUnavailable, "It is still in progress."};
  const auto [statement, params] = witness_query(commit, xid);
  auto witness = (*connection)->run(statement, params);
  if (!witness) return witness.error();
  return field(witness->get(), 0, 0) == std::string_view("\1", 1);
}

}  // namespace driftguard::store

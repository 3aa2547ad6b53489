// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/connection.h"

#include <poll.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <limits>

namespace driftguard::store {
namespace {

constexpr Oid kBytea = 17, kInt8 = 20, kText = 25, kTimestamptz = 1184;
constexpr std::int64_t kEpochUs = 946'684'800'000'000;            // 2000-01-01 in Unix time.
constexpr std::int64_t kTimestampMin = -211'813'488'000'000'000;  // PostgreSQL's own limits.
constexpr std::int64_t kTimestampEnd = 9'223'371'331'200'000'000;

std::string one_line(std::string_view message) {
  std::string out(message);
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

ErrorCode code_of(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (group == "22" || group == "54") return ErrorCode::kInvalidArgument;
  if (group == "XX") return state == "XX000" ? ErrorCode::kInternal : ErrorCode::kCorrupt;
  // No connection, no resources, shutting down, cancelled, rolled back by the server, read-only.
  for (const std::string_view away : {"08", "53", "57", "58", "40"}) {
    if (group == away) return ErrorCode::kUnavailable;
  }
  return state.empty() || state == "25006" ? ErrorCode::kUnavailable : ErrorCode::kInternal;
}

Result<void> check_url(const std::string& url) {
  // libpq's own words about a URL it cannot read may repeat the password.
  char* message = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(url.c_str(), &message);
  PQfreemem(message);
  PQconninfoFree(parsed);
  if (parsed) return {};
  return Error{ErrorCode::kInvalidArgument, "The database URL is not well-formed."};
}

}  // namespace

void append_be64(std::string& out, std::int64_t v) {
  const std::uint64_t bytes = __builtin_bswap64(static_cast<std::uint64_t>(v));
  out.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

void append_be32(std::string& out, std::int32_t v) {
  const std::uint32_t bytes = __builtin_bswap32(static_cast<std::uint32_t>(v));
  out.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

void append_be16(std::string& out, std::int16_t v) {
  const std::uint16_t bytes = __builtin_bswap16(static_cast<std::uint16_t>(v));
  out.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

std::int64_t pg_timestamp(Time t) {
  const std::int64_t us = us_since_epoch(t);
  if (us < kTimestampMin + kEpochUs) return std::numeric_limits<std::int64_t>::min();
  if (us - kEpochUs >= kTimestampEnd) return std::numeric_limits<std::int64_t>::max();
  return us - kEpochUs;
}

PgParam PgParam::text(std::string_view value) { return {kText, std::string(value)}; }
PgParam PgParam::bytea(std::string_view value) { return {kBytea, std::string(value)}; }

PgParam PgParam::int8(std::int64_t value) {
  PgParam param{kInt8, {}};
  append_be64(param.bytes, value);
  return param;
}

PgParam PgParam::timestamp(Time t) {
  PgParam param{kTimestamptz, {}};
  append_be64(param.bytes, pg_timestamp(t));
  return param;
}

std::string_view field(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column),
          static_cast<std::size_t>(PQgetlength(result, row, column))};
}

std::int64_t field_int8(const PGresult* result, int row, int column) {
  const std::string_view bytes = field(result, row, column);
  assert(bytes.size() == 8);
  std::uint64_t big_endian = 0;
  std::memcpy(&big_endian, bytes.data(), std::min(bytes.size(), sizeof big_endian));
  return static_cast<std::int64_t>(__builtin_bswap64(big_endian));
}

Time field_timestamp(const PGresult* result, int row, int column) {
  const std::int64_t us = field_int8(result, row, column);
  // Infinity, which only a user's own SQL can have put there, stays the end of time.
  if (us > std::numeric_limits<std::int64_t>::max() - kEpochUs) return Time::max();
  return time_from_us(us + kEpochUs);
}

std::string_view sqlstate(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state ? state : "";
}

Error pg_error(const PGresult* result) {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  std::string text = "PostgreSQL: " + one_line(primary ? primary : PQresultErrorMessage(result));
  if (detail) text += ": " + one_line(detail);
  return {code_of(sqlstate(result)), text + "."};
}

Result<std::unique_ptr<Connection>> Connection::open(const PostgresOptions& options) {
  if (auto well_formed = check_url(options.url); !well_formed) return well_formed.error();
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
  const std::string connect_timeout = std::to_string(seconds);
  const std::string user_timeout = std::to_string(options.reply_timeout.count());
  // What the URL says wins over what stands before it.
  const char* const keys[] = {"connect_timeout",
                              "tcp_user_timeout",
                              "keepalives_idle",
                              "fallback_application_name",
                              "dbname",
                              "client_encoding",
                              nullptr};
  const char* const values[] = {connect_timeout.c_str(),
                                user_timeout.c_str(),
                                "10",
                                "driftguard",
                                options.url.c_str(),
                                "UTF8",
                                nullptr};
  std::unique_ptr<Connection> connection(
      new Connection(PQconnectdbParams(keys, values, 1), options.reply_timeout));
  PGconn* pg = connection->get();
  if (PQstatus(pg) != CONNECTION_OK || PQsetnonblocking(pg, 1) != 0) {
    return Error{ErrorCode::kUnavailable,
                 "Cannot reach PostgreSQL: " + one_line(PQerrorMessage(pg)) + "."};
  }
  PQsetNoticeProcessor(
      pg, [](void*, const char*) {}, nullptr);
  auto ready =
      connection->run("SET statement_timeout = " + std::to_string(options.reply_timeout.count()) +
                      "; SELECT set_config('synchronous_commit', 'on', false)"
                      " WHERE current_setting('synchronous_commit') IN ('off', 'local')");
  if (!ready) return ready.error();
  return connection;
}

Error Connection::lost() {
  broken_ = true;
  return {ErrorCode::kUnavailable,
          "The connection to PostgreSQL is lost: " + one_line(PQerrorMessage(pg_.get())) + "."};
}

bool Connection::wait(bool for_write) {
  pollfd socket{PQsocket(pg_.get()), static_cast<short>(POLLIN | (for_write ? POLLOUT : 0)), 0};
  // A little longer than the server's own statement_timeout, whose answer says more.
  const int ready = ::poll(&socket, 1, static_cast<int>(reply_timeout_.count()) + 1000);
  if (ready > 0 || (ready < 0 && errno == EINTR)) return true;
  broken_ = true;
  return false;
}

Result<void> Connection::flush() {
  while (true) {
    const int left = PQflush(pg_.get());
    if (left == 0) return {};
    // The server may wait for us to read (an error in the middle of a COPY) before it goes on.
    if (left < 0 || !wait(true) || PQconsumeInput(pg_.get()) == 0) return lost();
  }
}

Result<void> Connection::send(const std::string& statements) {
  if (broken() || PQsendQuery(pg_.get(), statements.c_str()) == 0) return lost();
  return flush();
}

Result<void> Connection::send(const std::string& statement, std::span<const PgParam> params,
                              bool single_rows) {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const PgParam& param : params) {
    types.push_back(param.type);
    values.push_back(param.bytes.data());
    lengths.push_back(static_cast<int>(param.bytes.size()));
  }
  const std::vector<int> formats(params.size(), 1);
  if (broken() ||
      PQsendQueryParams(pg_.get(), statement.c_str(), static_cast<int>(params.size()), types.data(),
                        values.data(), lengths.data(), formats.data(), 1) == 0) {
    return lost();
  }
  if (single_rows) PQsetSingleRowMode(pg_.get());
  return flush();
}

Result<PgResult> Connection::next_result() {
  while (PQisBusy(pg_.get())) {
    if (!wait(false) || PQconsumeInput(pg_.get()) == 0) return lost();
  }
  PgResult result(PQgetResult(pg_.get()));
  if (!result && broken()) return lost();
  return result;
}

Result<PgResult> Connection::expect(ExecStatusType status) {
  auto result = next_result();
  if (!result) return result;
  if (!*result) return Error{ErrorCode::kInternal, "PostgreSQL gave fewer results than asked for."};
  if (PQresultStatus(result->get()) == status) return result;
  return failure(result->get());
}

Error Connection::failure(const PGresult* result) {
  // After a FATAL error the server hangs up, whether or not we have seen that yet.
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity && std::string_view(severity) != "ERROR") broken_ = true;
  return severity ? pg_error(result) : lost();
}

bool Connection::closed_while_idle() {
  // Readable while nothing was asked: words of parting and then the end, as a rule.
  pollfd socket{PQsocket(pg_.get()), POLLIN, 0};
  for (int i = 0; i < 3 && !broken() && ::poll(&socket, 1, 0) > 0; ++i) PQconsumeInput(pg_.get());
  return broken();
}

void Connection::drain(bool cancel) {
  if (cancel && !broken()) {
    char message[256];
    PGcancel* request = PQgetCancel(pg_.get());
    if (request) PQcancel(request, message, sizeof message);
    PQfreeCancel(request);
  }
  while (!broken()) {
    auto result = next_result();
    if (!result || !*result) return;
    const ExecStatusType status = PQresultStatus(result->get());
    if (status == PGRES_COPY_IN && PQputCopyEnd(pg_.get(), "given up") != 1) broken_ = true;
  }
}

void Connection::roll_back() {
  drain();
  if (broken() || PQtransactionStatus(pg_.get()) == PQTRANS_IDLE) return;
  if (!send("ROLLBACK")) return;
  drain();
}

Result<PgResult> Connection::run(const std::string& statements) {
  if (auto sent = send(statements); !sent) return sent.error();
  PgResult last;
  while (true) {
    auto result = next_result();
    if (!result) return result;
    if (!*result) return last;
    const ExecStatusType status = PQresultStatus(result->get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      Error error = failure(result->get());
      roll_back();
      return error;
    }
    last = *std::move(result);
  }
}

Result<PgResult> Connection::run(const std::string& statement, std::span<const PgParam> params) {
  if (auto sent = send(statement, params); !sent) return sent.error();
  auto result = next_result();
  if (!result) return result;
  const ExecStatusType status = PQresultStatus(result->get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    Error error = failure(result->get());
    roll_back();
    return error;
  }
  drain();
  return result;
}

Result<std::string> Connection::literal(std::string_view text) {
  char* quoted = PQescapeLiteral(pg_.get(), text.data(), text.size());
  if (!quoted) {
    return Error{ErrorCode::kInvalidArgument, one_line(PQerrorMessage(pg_.get())) + "."};
  }
  std::string out(quoted);
  PQfreemem(quoted);
  return out;
}

Result<void> Connection::put_copy(std::string_view data) {
  while (true) {
    const int sent = PQputCopyData(pg_.get(), data.data(), static_cast<int>(data.size()));
    if (sent == 1) return flush();
    if (sent < 0 || !wait(true) || PQconsumeInput(pg_.get()) == 0) return lost();
  }
}

Result<void> Connection::end_copy() {
  while (true) {
    const int sent = PQputCopyEnd(pg_.get(), nullptr);
    if (sent == 1) return flush();
    if (sent < 0 || !wait(true) || PQconsumeInput(pg_.get()) == 0) return lost();
  }
}

}  // namespace driftguard::store

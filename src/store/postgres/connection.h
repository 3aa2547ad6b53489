// SPDX-License-Identifier: Apache-2.0
// libpq behind deadlines: no call waits longer for the server than it was told to.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/postgres_store.h"

namespace driftguard::store {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

// A parameter of a statement in PostgreSQL's binary form.
struct PgParam {
  Oid type;
  std::string bytes;

  static PgParam text(std::string_view value);
  static PgParam bytea(std::string_view value);
  static PgParam int8(std::int64_t value);
  static PgParam timestamp(Time t);
};

// One connection. Not thread-safe. After broken() every call fails; throw it away.
class Connection final {
 public:
  static Result<std::unique_ptr<Connection>> open(const PostgresOptions& options);

  bool broken() const { return broken_ || PQstatus(pg_.get()) != CONNECTION_OK; }
  PGconn* get() { return pg_.get(); }
  // Whether the server has hung up since the last use.
  bool closed_while_idle();

  // Runs statements without parameters; gives the last one's result. An error is the first's,
  // and a transaction that was open is rolled back.
  Result<PgResult> run(const std::string& statements);
  // Runs one statement; rows come back in binary.
  Result<PgResult> run(const std::string& statement, std::span<const PgParam> params);

  // The text as a literal of SQL. kInvalidArgument when it is no text in UTF-8.
  Result<std::string> literal(std::string_view text);

  // Sends without waiting, then results one by one: null at the end. Rows singly if asked.
  Result<void> send(const std::string& statements);
  Result<void> send(const std::string& statement, std::span<const PgParam> params,
                    bool single_rows = false);
  Result<PgResult> next_result();
  // The next result has to be this one; else its error.
  Result<PgResult> expect(ExecStatusType status);
  // Drops what is left of results; with a cancel the server is asked to stop.
  void drain(bool cancel = false);
  void roll_back();

  // Within COPY FROM STDIN.
  Result<void> put_copy(std::string_view data);
  Result<void> end_copy();

 private:
  struct Finish {
    void operator()(PGconn* pg) const { PQfinish(pg); }
  };
  explicit Connection(PGconn* pg, std::chrono::milliseconds reply_timeout)
      : pg_(pg), reply_timeout_(reply_timeout) {}
  Result<void> flush();
  // Waits until the server sends (or, if asked, takes) something; false after reply_timeout_.
  bool wait(bool for_write);
  Error lost();
  // The error a result carries; marks the connection as broken if it is.
  Error failure(const PGresult* result);

  std::unique_ptr<PGconn, Finish> pg_;
  const std::chrono::milliseconds reply_timeout_;
  bool broken_ = false;
};

// What a failed result means to a caller.
Error pg_error(const PGresult* result);
std::string_view sqlstate(const PGresult* result);

// Fields of a binary result.
std::string_view field(const PGresult* result, int row, int column);
std::int64_t field_int8(const PGresult* result, int row, int column);
Time field_timestamp(const PGresult* result, int row, int column);

// PostgreSQL counts microseconds from 2000-01-01. Times it cannot hold become its infinities.
std::int64_t pg_timestamp(Time t);
void append_be64(std::string& out, std::int64_t v);
void append_be32(std::string& out, std::int32_t v);
void append_be16(std::string& out, std::int16_t v);

}  // namespace driftguard::store

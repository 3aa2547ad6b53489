// SPDX-License-Identifier: Apache-2.0
// copy_limit: how fast PostgreSQL takes the same rows from one connection, in transactions of one
// batch each, by COPY's binary format: the fastest way in that it has. No JSON is read here, no
// rollup is kept; the batches are made beforehand.
#include <endian.h>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "load/traffic.h"

namespace {

using driftguard::Microseconds;
using driftguard::Time;
namespace load = driftguard::load;

constexpr const char* kCopy =
    "COPY observations_raw (ts, service, endpoint, host, payload) FROM STDIN (FORMAT binary)";
constexpr Microseconds kPostgresEpoch{946'684'800'000'000};  // 2000-01-01, after 1970's.

struct Limit {
  std::string url;
  std::uint64_t rows = 300'000;
  std::uint64_t batch = 1000;
};

// Numbers in the order of COPY's binary format: the largest byte first.
void append_be(std::string& out, std::uint64_t value, std::size_t bytes) {
  const std::uint64_t big = htobe64(value << (64 - 8 * bytes));
  out.append(reinterpret_cast<const char*>(&big), bytes);
}

void append_field(std::string& out, std::string_view bytes) {
  append_be(out, bytes.size(), 4);
  out += bytes;
}

void append_row(std::string& out, const load::Payment& payment, Time ts) {
  append_be(out, 5, 2);  // Fields.
  append_be(out, 8, 4);
  append_be(out, static_cast<std::uint64_t>((ts.time_since_epoch() - kPostgresEpoch).count()), 8);
  append_field(out, payment.service);
  append_field(out, payment.endpoint);
  append_field(out, payment.host);
  std::string payload("\1", 1);  // JSONB's version.
  append_json(payload, payment, ts);
  append_field(out, payload);
}

std::vector<std::string> make_copies(const Limit& limit) {
  constexpr Microseconds kStep{1500};
  const Time end = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  load::Traffic traffic({.seed = 1});
  std::vector<std::string> copies;
  for (std::uint64_t i = 0; i < limit.rows; ++i) {
    if (i % limit.batch == 0) {  // The signature, flags, and no header extension.
      copies.emplace_back("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    }
    const auto left = static_cast<std::int64_t>(limit.rows - i);
    append_row(copies.back(), traffic.next(),
               std::chrono::floor<std::chrono::milliseconds>(end - kStep * left));
  }
  for (std::string& copy : copies) append_be(copy, 0xFFFF, 2);
  return copies;
}

// One transaction; whether it is committed.
bool copy_in(PGconn* connection, const std::string& rows) {
  using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;
  const Answer begun(PQexec(connection, kCopy), PQclear);
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return false;
  if (PQputCopyData(connection, rows.data(), static_cast<int>(rows.size())) != 1) return false;
  if (PQputCopyEnd(connection, nullptr) != 1) return false;
  const Answer ended(PQgetResult(connection), PQclear);
  while (PQgetResult(connection) != nullptr) continue;
  return PQresultStatus(ended.get()) == PGRES_COMMAND_OK;
}

int measure(const Limit& limit) {
  const std::vector<std::string> copies = make_copies(limit);
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(limit.url.c_str()),
                                                                PQfinish);
  bool good = PQstatus(connection.get()) == CONNECTION_OK;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < copies.size() && good; ++i) {
    good = copy_in(connection.get(), copies[i]);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (!good) {
    fmt::print(stderr, "copy_limit: {}", PQerrorMessage(connection.get()));
    return 2;
  }
  fmt::print(R"({{"rows": {}, "batch": {}, "seconds": {:.3f}, "events_per_s": {:.1f}}})"
             "\n",
             limit.rows, limit.batch, taken.count(),
             static_cast<double>(limit.rows) / taken.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Measures binary COPY into PostgreSQL; prints JSON.", "copy_limit"};
  Limit limit;
  program.add_option("--url", limit.url, "postgresql://..., with driftguard's tables")->required();
  program.add_option("--rows", limit.rows, "300000")->check(CLI::Range(1.0, 1e7));
  program.add_option("--batch", limit.batch, "rows a transaction: 1000")
      ->check(CLI::Range(1.0, 1e5));
  CLI11_PARSE(program, argc, argv);
  return measure(limit);
}

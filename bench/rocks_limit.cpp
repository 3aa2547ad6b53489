// SPDX-License-Identifier: Apache-2.0
// rocks_limit: how fast bare RocksDB takes the same rows, durably. The embedded store does the
// same and besides reads HTTP and JSON and keeps rollups; this loop is the limit it is held to.
//
// The rows are those of loadgen, made beforehand, under the keys of the embedded store: service,
// endpoint, time, id, in this order, one Put each; a synced WriteBatch a batch. RocksDB is as it
// comes, but for two background threads and LZ4.
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

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

struct Limit {
  std::string directory;
  std::uint64_t rows = 1'000'000;
  std::uint64_t batch = 1000;
};

struct Rows {
  std::vector<std::string> keys;
  std::vector<std::string> payloads;
};

void append_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

Rows make_rows(std::uint64_t count) {
  constexpr Microseconds kStep{1500};
  const Time start =
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  load::Traffic traffic({.seed = 1});
  Rows rows;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Time ts = start + kStep * static_cast<std::int64_t>(i);
    std::string key(load::kService);
    key.push_back('\0');
    key.append(load::kEndpoint).push_back('\0');
    append_big_endian(key, static_cast<std::uint64_t>(ts.time_since_epoch().count()));
    append_big_endian(key, i);
    rows.keys.push_back(std::move(key));
    append_json(rows.payloads.emplace_back(), traffic.next(), ts);
  }
  return rows;
}

std::unique_ptr<rocksdb::DB> open_database(const std::string& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.IncreaseParallelism(2);
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::DB* database = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &database);
  if (!status.ok()) fmt::print(stderr, "rocks_limit: {}\n", status.ToString());
  return std::unique_ptr<rocksdb::DB>(database);
}

rocksdb::Status write_all(rocksdb::DB& database, const Rows& rows, std::uint64_t batch_rows) {
  rocksdb::WriteOptions durable;
  durable.sync = true;
  rocksdb::WriteBatch batch;
  rocksdb::Status status;
  for (std::size_t i = 0; i < rows.keys.size() && status.ok(); ++i) {
    batch.Put(rows.keys[i], rows.payloads[i]);
    if ((i + 1) % batch_rows != 0 && i + 1 != rows.keys.size()) continue;
    status = database.Write(durable, &batch);
    batch.Clear();
  }
  return status;
}

int measure(const Limit& limit) {
  const Rows rows = make_rows(limit.rows);
  const std::unique_ptr<rocksdb::DB> database = open_database(limit.directory);
  if (!database) return 2;
  const auto begin = std::chrono::steady_clock::now();
  const rocksdb::Status status = write_all(*database, rows, limit.batch);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (!status.ok()) {
    fmt::print(stderr, "rocks_limit: {}\n", status.ToString());
    return 2;
  }
  database->Flush(rocksdb::FlushOptions());
  std::uint64_t table_bytes = 0;
  database->GetIntProperty("rocksdb.total-sst-files-size", &table_bytes);
  const auto count = static_cast<double>(limit.rows);
  fmt::print(R"({{"rows": {}, "batch": {}, "seconds": {:.3f}, "events_per_s": {:.1f}, )"
             R"("bytes_per_event": {:.1f}}})"
             "\n",
             limit.rows, limit.batch, taken.count(), count / taken.count(),
             static_cast<double>(table_bytes) / count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Measures durable inserts into bare RocksDB; prints JSON.", "rocks_limit"};
  Limit limit;
  program.add_option("--directory", limit.directory, "made anew; it must not exist")->required();
  program.add_option("--rows", limit.rows, "1000000")->check(CLI::Range(1.0, 1e8));
  program.add_option("--batch", limit.batch, "rows a synced write: 1000")
      ->check(CLI::Range(1.0, 1e6));
  CLI11_PARSE(program, argc, argv);
  return measure(limit);
}

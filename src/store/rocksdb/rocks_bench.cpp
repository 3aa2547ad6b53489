// SPDX-License-Identifier: Apache-2.0
// Durable commits of 1, 100 and 1,000 events of about 225 bytes, with two rollup deltas of 10 KB
// every commit or without. `bare` is RocksDB with default options and one Put an event: the limit
// to come close to. DRIFTGUARD_BENCH_DIR says where (default: the working directory).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"

namespace driftguard::store {
namespace {

std::string bench_directory(std::string_view name) {
  const char* root = std::getenv("DRIFTGUARD_BENCH_DIR");
  return std::string(root ? root : ".") + "/rocks_bench." + std::string(name);
}

Result<std::string> keep_first(std::span<const std::string_view> parts) {
  return std::string(parts.front());
}

std::vector<std::string> make_payloads(std::size_t count) {
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < count; ++i) {
    payloads.push_back(
        R"({"ts": "2025-01-01T00:00:00.123Z", "service": "payments_api", "endpoint": "POST /v2/)"
        R"(payments", "host": "client-)" +
        std::to_string(i * 7919 % 50) + R"(", "request": {"body": {"amount": )" +
        std::to_string(i * 104729 % 99991) +
        R"(.25, "currency": "EUR"}}, "response": {"status": 200, "duration_ms": )" +
        std::to_string(i * 15485863 % 1999) + "}}");
  }
  return payloads;
}

void commit_batches(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  RocksOptions options;
  options.directory = bench_directory("store");
  std::filesystem::remove_all(options.directory);
  auto store = open_rocks_store(options, keep_first);
  const auto payloads = make_payloads(count);
  std::vector<RawRow> rows(count);
  std::int64_t us = 1735689600'000000;
  std::vector<RollupDelta> deltas(state.range(1) ? 2 : 0);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i, us += 1500) {
      rows[i] = {time_from_us(us), "payments_api", "POST /v2/payments", "client-1", payloads[i]};
    }
    for (RollupDelta& delta : deltas) {
      delta = {{"payments_api", "POST /v2/payments", time_from_us(us / 10'000'000 * 10'000'000)},
               std::string(10'000, static_cast<char>(us / 1500))};
    }
    if (!(*store)->commit({rows, deltas, {}})) state.SkipWithError("commit failed");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
  store = std::unique_ptr<Store>();
  std::filesystem::remove_all(options.directory);
}
BENCHMARK(commit_batches)
    ->ArgNames({"rows", "rollups"})
    ->ArgsProduct({{1, 100, 1000}, {0, 1}})
    ->UseRealTime();

void bare(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string directory = bench_directory("bare");
  std::filesystem::remove_all(directory);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.IncreaseParallelism(2);
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, directory, &opened).ok()) state.SkipWithError("open failed");
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto payloads = make_payloads(count);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  rocksdb::WriteBatch batch;
  std::uint64_t id = 0;
  for (auto _ : state) {
    batch.Clear();
    for (std::size_t i = 0; i < count; ++i, ++id) {
      std::string key;
      append_segment(key, "payments_api", "POST /v2/payments");
      append_id(key, 1735689600'000000 + id * 1500);
      append_id(key, id);
      batch.Put(key, payloads[i]);
    }
    if (!db->Write(durable, &batch).ok()) state.SkipWithError("write failed");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
}
BENCHMARK(bare)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime();

}  // namespace
}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// How long a commit waits at most while retention drops a million rows and gives their space back,
// beside the same commits on their own. DRIFTGUARD_BENCH_DIR says where (default: the working
// directory). Counters are milliseconds, but for bytes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "store/rocksdb/rocks_engine.h"

namespace driftguard::store {
namespace {

constexpr int kSegments = 20;
constexpr int kRowsOld = 1'000'000;
constexpr int kBatch = 1000;

Result<std::string> keep_first(std::span<const std::string_view> parts) {
  return std::string(parts.front());
}

// One batch of rows of all segments, `us` apart, from `us` on.
Result<void> commit_batch(Store& store, std::int64_t& us) {
  static const std::vector<std::string> endpoints = [] {
    std::vector<std::string> names;
    for (int i = 0; i < kSegments; ++i) names.push_back("POST /v2/payments/" + std::to_string(i));
    return names;
  }();
  std::vector<std::string> payloads;
  std::vector<RawRow> rows;
  for (int i = 0; i < kBatch; ++i) {
    payloads.push_back(
        R"({"ts": "2025-01-01T00:00:00.123Z", "service": "payments_api", "endpoint": "POST /v2/)"
        R"(payments", "host": "client-7", "request": {"body": {"amount": )" +
        std::to_string(us * 2654435761 % 99991) +
        R"(.25, "currency": "EUR"}}, "response": {"status": 200, "duration_ms": )" +
        std::to_string(us * 40503 % 1999) + "}}");
    rows.push_back({time_from_us(us),
                    "payments_api",
                    endpoints[static_cast<std::size_t>(i % kSegments)],
                    "client-7",
                    {}});
    us += 1000;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].payload = payloads[i];
  return store.commit({rows, {}, {}});
}

// Commits until `done`, about a quarter of what the disk takes; gives how long each took, in order.
std::vector<double> commit_until(Store& store, std::int64_t& us, const std::atomic<bool>& done) {
  std::vector<double> took_ms;
  while (!done) {
    const auto begin = std::chrono::steady_clock::now();
    if (!commit_batch(store, us)) break;
    const auto took = std::chrono::steady_clock::now() - begin;
    took_ms.push_back(std::chrono::duration<double, std::milli>(took).count());
    std::this_thread::sleep_for(3 * took);
  }
  std::sort(took_ms.begin(), took_ms.end());
  return took_ms;
}

// Commits while `work` runs, and for a second more; counts both under `name`.
void commit_during(benchmark::State& state, Store& store, std::int64_t& us, const std::string& name,
                   const std::function<void()>& work) {
  std::atomic<bool> done = false;
  std::vector<double> took_ms;
  std::thread commits([&] { took_ms = commit_until(store, us, done); });
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> work_ms =
      std::chrono::steady_clock::now() - begin;
  std::this_thread::sleep_for(std::chrono::seconds(1));
  done = true;
  commits.join();
  if (took_ms.empty()) return state.SkipWithError("no commit");
  state.counters[name + "_work"] = work_ms.count();
  state.counters[name + "_p50"] = took_ms[took_ms.size() / 2];
  state.counters[name + "_p99"] = took_ms[took_ms.size() * 99 / 100];
  state.counters[name + "_max"] = took_ms.back();
}

void drop_old(Store& store, Time before) {
  DropStep step{.what = History::kRows, .before = before};
  do {
    const auto dropped = store.drop(step);
    if (!dropped) return;
    step.from = dropped->next;
  } while (step.from);
}

void commits_while_a_million_rows_go(benchmark::State& state) {
  const char* root = std::getenv("DRIFTGUARD_BENCH_DIR");
  RocksOptions options;
  options.directory = std::string(root ? root : ".") + "/retention_bench.store";
  for (auto _ : state) {
    std::filesystem::remove_all(options.directory);
    auto store = open_rocks_store(options, keep_first);
    std::int64_t us = 1735689600'000000;
    for (int i = 0; i < kRowsOld / kBatch; ++i) {
      if (!commit_batch(**store, us)) state.SkipWithError("commit failed");
    }
    store = std::unique_ptr<Store>();
    store = open_rocks_store(options, keep_first);  // Memtables become tables.
    const Time before = time_from_us(us);
    state.counters["bytes_before"] = static_cast<double>(*(*store)->bytes());
    commit_during(state, **store, us, "alone",
                  [] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
    commit_during(state, **store, us, "dropping", [&] { drop_old(**store, before); });
    commit_during(state, **store, us, "reclaiming", [&] {
      std::atomic<bool> stop = false;
      (void)(*store)->reclaim(History::kRows, Reclaim::kNow, stop);
    });
    state.counters["bytes_after"] = static_cast<double>(*(*store)->bytes());
    store = std::unique_ptr<Store>();
    std::filesystem::remove_all(options.directory);
  }
}
BENCHMARK(commits_while_a_million_rows_go)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace driftguard::store

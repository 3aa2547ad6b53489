// SPDX-License-Identifier: Apache-2.0
// Windows of a week over a store of 60,480 buckets of one endpoint: cold, from buckets alone and
// from kept sums, and polled again after a commit. And what commits wait for while the store's
// chores go on over summaries at their capacity. DRIFTGUARD_BENCH_DIR says where (default: the
// working directory).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "rollup/rollup.h"
#include "store/rocksdb/rocks_store.h"
#include "window/rollup_tree.h"

namespace driftguard::window {
namespace {

constexpr std::int64_t kWeek = 7 * 8640;  // In buckets.

rollup::Rollup random_rollup(std::mt19937_64& random, int features, std::size_t values) {
  std::uniform_real_distribution<double> uniform(0, 1e6);
  rollup::Rollup rollup;
  rollup.events = values;
  for (int feature = 0; feature < features; ++feature) {
    std::vector<double> numbers(values);
    for (double& number : numbers) number = uniform(random);
    rollup.features["/f" + std::to_string(feature)].numbers = sketch::NumericSummary::of(numbers);
  }
  return rollup;
}

// A store of its own for the length of the program.
class StorePlace {
 public:
  explicit StorePlace(const std::string& name) {
    const char* root = std::getenv("DRIFTGUARD_BENCH_DIR");
    options_.directory = std::string(root ? root : ".") + "/window_bench." + name;
    std::filesystem::remove_all(options_.directory);
    store_ = *store::open_rocks_store(options_, rollup::merge_encoded);
  }
  ~StorePlace() {
    store_.reset();
    std::filesystem::remove_all(options_.directory);
  }
  StorePlace(const StorePlace&) = delete;
  store::Store& store() { return *store_; }

 private:
  store::RocksOptions options_;
  std::unique_ptr<store::Store> store_;
};

store::RollupDelta delta_of(std::int64_t bucket, const rollup::Rollup& rollup,
                            std::string endpoint = "/e") {
  return {{"pay", std::move(endpoint), bucket_time(bucket)}, rollup::encode(rollup)};
}

// Two features of 20 values in each bucket of a week.
store::Store& week() {
  static StorePlace place("week");
  static const bool filled = [] {
    std::mt19937_64 random(7);
    std::vector<store::RollupDelta> deltas;
    for (std::int64_t bucket = 0; bucket < kWeek; ++bucket) {
      deltas.push_back(delta_of(bucket, random_rollup(random, 2, 20)));
      if (deltas.size() < 2000 && bucket + 1 < kWeek) continue;
      if (!place.store().commit({{}, deltas, {}})) std::abort();
      deltas.clear();
    }
    return true;
  }();
  benchmark::DoNotOptimize(filled);
  return place.store();
}

store::Store& summed_week() {
  while (*week().make_sums(bucket_time(kWeek), 1000) == 1000) {
  }
  return week();
}

void cold_week(benchmark::State& state) {
  store::Store& store = state.range(0) ? summed_week() : week();
  std::uint64_t summaries = 0;
  for (auto _ : state) {
    RollupTree tree(store, 96u << 20);
    const auto window = tree.read({"pay", {}, {}}, {bucket_time(0), bucket_time(kWeek)});
    if (!window || window->total().events != kWeek * 20) state.SkipWithError("wrong window");
    summaries = tree.figures().summaries_read;
  }
  state.counters["summaries"] = static_cast<double>(summaries);
}
BENCHMARK(cold_week)->ArgName("sums")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// A commit to the last bucket between two reads, told to the tree but not timed.
void warm_poll(benchmark::State& state) {
  store::Store& store = summed_week();
  RollupTree tree(store, 96u << 20);
  std::mt19937_64 random(8);
  const auto rollup = std::make_shared<const rollup::Rollup>(random_rollup(random, 2, 20));
  const store::RollupDelta delta = delta_of(kWeek, *rollup);
  const TimeRange range{bucket_time(1), bucket_time(kWeek + 1)};
  benchmark::DoNotOptimize(tree.read({"pay", {}, {}}, range));
  const std::uint64_t before = tree.figures().summaries_read;
  for (auto _ : state) {
    state.PauseTiming();
    tree.before({&delta.key, 1});
    const auto committed = store.commit({{}, {&delta, 1}, {}});
    const ingest::BucketDelta told{delta.key, rollup, {}};
    tree.after({&told, 1}, committed.has_value());
    tree.done({});
    state.ResumeTiming();
    benchmark::DoNotOptimize(tree.read({"pay", {}, {}}, range));
  }
  state.counters["summaries"] = static_cast<double>(tree.figures().summaries_read - before) /
                                static_cast<double>(state.iterations());
}
BENCHMARK(warm_poll)->Unit(benchmark::kMicrosecond)->Iterations(200);

// Buckets whose every feature is at its capacity, in four parts each.
store::Store& full_buckets(int features) {
  static StorePlace place("full");
  static int made = 0;
  if (made == features) return place.store();
  made = features;
  std::mt19937_64 random(9);
  for (std::int64_t bucket = 0; bucket < 12; ++bucket) {
    for (int part = 0; part < 4; ++part) {
      const auto delta = delta_of(bucket, random_rollup(random, features, 40'000), "/full");
      if (!place.store().commit({{}, {&delta, 1}, {}})) std::abort();
    }
  }
  return place.store();
}

// What merging one of these buckets takes.
void merge_full_bucket(benchmark::State& state) {
  std::mt19937_64 random(9);
  std::vector<std::string> parts;
  for (int part = 0; part < 4; ++part) {
    parts.push_back(rollup::encode(random_rollup(random, 4, 40'000)));
  }
  const std::vector<std::string_view> views(parts.begin(), parts.end());
  for (auto _ : state) benchmark::DoNotOptimize(rollup::merge_encoded(views));
  state.counters["bytes"] = static_cast<double>(rollup::merge_encoded(views)->size());
}
BENCHMARK(merge_full_bucket)->Unit(benchmark::kMillisecond);

// Small commits, one after another; the slowest of them, with chores beside it or without, and the
// longest that chores held the writers' mutex.
void commit_beside_chores(benchmark::State& state) {
  store::Store& store = full_buckets(4);
  std::mt19937_64 random(10);
  const store::RollupDelta small = delta_of(1'000'000, random_rollup(random, 1, 10), "/small");
  std::atomic<bool> chores_done = state.range(0) == 0;
  double chores_seconds = 0;
  std::jthread chores;
  const auto begin = std::chrono::steady_clock::now();
  if (state.range(0)) {
    chores = std::jthread([&] {
      (void)store.compact(bucket_time(100));
      while (store.make_sums(bucket_time(1000), 100).value() == 100) {
      }
      chores_seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      chores_done = true;
    });
  }
  std::vector<double> waits_ms;
  const auto until = begin + std::chrono::seconds(1);
  for (auto _ : state) {
    while (!chores_done || std::chrono::steady_clock::now() < until) {
      const auto before = std::chrono::steady_clock::now();
      if (!store.commit({{}, {&small, 1}, {}})) state.SkipWithError("commit failed");
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - before;
      waits_ms.push_back(took.count());
    }
  }
  std::sort(waits_ms.begin(), waits_ms.end());
  state.counters["commits"] = static_cast<double>(waits_ms.size());
  state.counters["p50_ms"] = waits_ms[waits_ms.size() / 2];
  state.counters["p99_ms"] = waits_ms[waits_ms.size() * 99 / 100];
  state.counters["max_ms"] = waits_ms.back();
  state.counters["chores_s"] = chores_seconds;
  state.counters["held_max_ms"] = store.figures().at("background_hold_seconds_max") * 1e3;
}
BENCHMARK(commit_beside_chores)->ArgName("chores")->Arg(0)->Arg(1)->Iterations(1);

}  // namespace
}  // namespace driftguard::window

// SPDX-License-Identifier: Apache-2.0
// load_rollups: fills an embedded store with the rollups of very many events, without the events:
// what a report over them costs can then be measured without hours of ingest.
//
// Each bucket's values are drawn as loadgen draws them and folded as the server folds them; no
// value is drawn twice, so sums hold as many distinct values as real traffic would give.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "load/traffic.h"
#include "rollup/bucket.h"
#include "rollup/fold.h"
#include "store/rocksdb/rocks_store.h"

namespace {

using driftguard::Result;
using driftguard::Time;
using driftguard::TimeRange;
namespace load = driftguard::load;
namespace rollup = driftguard::rollup;
namespace store = driftguard::store;

// Whose rollups several commits bring, as they do under load.
constexpr std::uint64_t kFoldEvents = 100'000;

struct Options {
  std::string directory;
  std::uint64_t events = 100'000'000;
  std::int64_t span_seconds = 1500;
  std::int64_t every_seconds = 10;
  unsigned numbers = 0;
  unsigned threads = 2;
};

rollup::Rollup draw(load::Traffic& traffic, std::uint64_t events, unsigned numbers) {
  std::vector<std::string> pointers = {"/request/body/amount", "/request/body/currency"};
  for (unsigned n = 0; n < numbers; ++n) pointers.push_back(fmt::format("/request/body/x{}", n));
  std::mt19937_64 random(traffic.next().amount_cents);
  std::normal_distribution<double> normal;
  rollup::BucketFold fold;
  for (std::uint64_t i = 0; i < events; ++i) {
    const load::Payment payment = traffic.next();
    fold.begin_event(Time(driftguard::Microseconds(i)));
    fold.count_status(payment.status);
    fold.latency(payment.duration_ms);
    fold.number(0, static_cast<double>(payment.amount_cents) / 100);
    fold.text(1, payment.currency);
    for (unsigned n = 0; n < numbers; ++n) fold.number(2 + n, normal(random));
    fold.end_event();
  }
  return fold.take(pointers);
}

Result<void> fill_bucket(store::Store& store, Time bucket, std::uint64_t seed, std::uint64_t events,
                         unsigned numbers) {
  load::Traffic traffic({.seed = seed});
  while (events > 0) {
    const std::uint64_t now = std::min(events, kFoldEvents);
    const std::array<store::RollupDelta, 1> deltas = {
        {{{std::string(load::kService), std::string(load::kEndpoint), bucket},
          rollup::encode(draw(traffic, now, numbers))}}};
    if (auto committed = store.commit({{}, deltas, {}}); !committed) return committed;
    events -= now;
  }
  return {};
}

// The buckets of the span before now, each with its share of the events.
Result<void> fill(store::Store& store, const Options& options) {
  const Time now = std::chrono::floor<driftguard::Microseconds>(std::chrono::system_clock::now());
  const TimeRange range =
      rollup::whole_buckets({now - std::chrono::seconds(options.span_seconds), now});
  const std::chrono::seconds every(options.every_seconds / 10 * 10);
  const auto buckets = static_cast<std::uint64_t>((range.to - range.from) / every);
  std::atomic<std::uint64_t> next = 0;
  std::vector<Result<void>> ends(options.threads);
  std::vector<std::jthread> threads;
  for (Result<void>& end : ends) {
    threads.emplace_back([&] {
      for (std::uint64_t i = next++; i < buckets && end; i = next++) {
        const std::uint64_t before = options.events * i / buckets;
        const std::uint64_t after = options.events * (i + 1) / buckets;
        end = fill_bucket(store, range.from + static_cast<std::int64_t>(i) * every, i + 1,
                          after - before, options.numbers);
      }
    });
  }
  threads.clear();  // Joins them.
  for (const Result<void>& end : ends) {
    if (!end) return end;
  }
  return {};
}

int run(const Options& options) {
  store::RocksOptions rocks;
  rocks.directory = options.directory;
  auto store = store::open_rocks_store(rocks, rollup::merge_encoded);
  const auto begin = std::chrono::steady_clock::now();
  const Result<void> filled = store ? fill(**store, options) : store.error();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (!filled) {
    fmt::print(stderr, "load_rollups: {}\n", filled.error().detail);
    return 2;
  }
  fmt::print(R"({{"events": {}, "seconds": {:.3f}}})"
             "\n",
             options.events, taken.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Fills an embedded store with rollups alone; prints JSON.", "load_rollups"};
  Options options;
  program.add_option("--directory", options.directory, "the store")->required();
  program.add_option("--events", options.events, "that the rollups count: 100000000")
      ->check(CLI::Range(1.0, 1e10));
  program.add_option("--span-seconds", options.span_seconds, "before now: 1500")
      ->check(CLI::Range(10.0, 1e7));
  program.add_option("--every-seconds", options.every_seconds, "a bucket of them: 10")
      ->check(CLI::Range(10.0, 1e5));
  program.add_option("--numbers", options.numbers, "further features of normal numbers: 0")
      ->check(CLI::Range(0, 100));
  program.add_option("--threads", options.threads, "2")->check(CLI::Range(1, 64));
  CLI11_PARSE(program, argc, argv);
  return run(options);
}

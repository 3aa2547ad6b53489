// SPDX-License-Identifier: Apache-2.0
// What becomes of folded values: summaries, their sum, their bytes. A rollup counts so many
// payments with an amount, a currency, a status and a duration each.
#include "rollup/rollup.h"

#include <benchmark/benchmark.h>

#include "load/traffic.h"
#include "rollup/fold.h"

namespace driftguard::rollup {
namespace {

const std::vector<std::string> kPointers = {"/request/body/amount", "/request/body/currency"};

std::vector<load::Payment> payments(std::int64_t count, std::uint64_t seed = 1) {
  load::Traffic traffic({.seed = seed});
  std::vector<load::Payment> drawn;
  for (std::int64_t i = 0; i < count; ++i) drawn.push_back(traffic.next());
  return drawn;
}

void fill(BucketFold& fold, const std::vector<load::Payment>& drawn) {
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const load::Payment& payment = drawn[i];
    fold.begin_event(Time(Microseconds(i)));
    fold.count_status(payment.status);
    fold.latency(payment.duration_ms);
    fold.number(0, static_cast<double>(payment.amount_cents) / 100);
    fold.text(1, payment.currency);
    fold.end_event();
  }
}

Rollup rollup_of(std::int64_t events, std::uint64_t seed = 1) {
  BucketFold fold;
  const std::vector<load::Payment> drawn = payments(events, seed);
  fill(fold, drawn);
  return fold.take(kPointers);
}

void count_per_event(benchmark::State& state) {
  const double events =
      static_cast<double>(state.iterations()) * static_cast<double>(state.range(0));
  state.counters["per_event"] =
      benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void fold_payments(benchmark::State& state) {
  const std::vector<load::Payment> drawn = payments(state.range(0));
  BucketFold fold;
  for (auto _ : state) {
    fill(fold, drawn);
    state.PauseTiming();
    benchmark::DoNotOptimize(fold.take(kPointers));
    state.ResumeTiming();
  }
  count_per_event(state);
}
BENCHMARK(fold_payments)->Arg(1000);

void take_summaries(benchmark::State& state) {
  const std::vector<load::Payment> drawn = payments(state.range(0));
  BucketFold fold;
  for (auto _ : state) {
    state.PauseTiming();
    fill(fold, drawn);
    state.ResumeTiming();
    benchmark::DoNotOptimize(fold.take(kPointers));
  }
  count_per_event(state);
}
BENCHMARK(take_summaries)->Arg(1)->Arg(100)->Arg(1000)->Arg(100'000);

void encode_rollup(benchmark::State& state) {
  const Rollup rollup = rollup_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(encode(rollup));
  state.counters["bytes"] = static_cast<double>(encode(rollup).size());
  count_per_event(state);
}
BENCHMARK(encode_rollup)->Arg(1)->Arg(100)->Arg(1000)->Arg(100'000);

void decode_rollup(benchmark::State& state) {
  const std::string bytes = encode(rollup_of(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(decode(bytes));
  count_per_event(state);
}
BENCHMARK(decode_rollup)->Arg(1000)->Arg(100'000);

// What RocksDB does with the deltas of a bucket: so many of 1,000 events each into one.
void merge_deltas(benchmark::State& state) {
  std::vector<std::string> deltas;
  for (std::int64_t i = 0; i < state.range(0) / 1000; ++i) {
    deltas.push_back(encode(rollup_of(1000, static_cast<std::uint64_t>(i + 1))));
  }
  const std::vector<std::string_view> parts(deltas.begin(), deltas.end());
  for (auto _ : state) benchmark::DoNotOptimize(merge_encoded(parts));
  count_per_event(state);
}
BENCHMARK(merge_deltas)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace driftguard::rollup

// SPDX-License-Identifier: Apache-2.0
// Unsorted: the whole test on raw values, sort_alone: one std::sort of one side.
// Merge: D of two sorted samples of N distinct values. ExactP: the largest work the rule of
// ks_p_value lets through, and common sizes at p = 0.05. Kstwo: by n, at n d^2 = 2.3 (the longest
// sum) and at 0.1 (Durbin's matrix or Pelz and Good).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "stats/ks.h"

namespace driftguard::stats {
namespace {

std::vector<double> unsorted_sample(std::int64_t size, double mean) {
  std::mt19937_64 random(static_cast<std::uint64_t>(size));
  std::normal_distribution<double> normal(mean);
  std::vector<double> values(static_cast<std::size_t>(size));
  for (double& value : values) value = normal(random);
  return values;
}

std::vector<WeightedPoint> normal_sample(std::int64_t size, double mean) {
  return std::move(weigh(unsorted_sample(size, mean))).value();
}

void merge(benchmark::State& state) {
  const auto live = normal_sample(state.range(0), 0.1);
  const auto baseline = normal_sample(state.range(0), 0.0);
  for (auto _ : state) benchmark::DoNotOptimize(ks_statistic(live, baseline));
  state.SetItemsProcessed(state.iterations() * 2 * state.range(0));
}
BENCHMARK(merge)->Arg(1'000)->Arg(10'000)->Arg(100'000);

// From raw values: what SciPy's ks_2samp(method="asymp") does.
void unsorted(benchmark::State& state) {
  const auto live = unsorted_sample(state.range(0), 0.01);
  const auto baseline = unsorted_sample(state.range(0), 0.0);
  for (auto _ : state) {
    const auto found = ks_statistic(std::span(live), std::span(baseline));
    benchmark::DoNotOptimize(ks_p_value(found->t, found->n, found->m));
  }
}
BENCHMARK(unsorted)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// The hard cases: no cell can be left out, or one far value makes the first cut useless.
void unsorted_equal(benchmark::State& state) {
  const auto values = unsorted_sample(state.range(0), 0.0);
  for (auto _ : state) benchmark::DoNotOptimize(ks_statistic(std::span(values), std::span(values)));
}
BENCHMARK(unsorted_equal)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void unsorted_with_outlier(benchmark::State& state) {
  auto live = unsorted_sample(state.range(0), 0.01);
  live.back() = 1e300;
  const auto baseline = unsorted_sample(state.range(0), 0.0);
  for (auto _ : state) benchmark::DoNotOptimize(ks_statistic(std::span(live), std::span(baseline)));
}
BENCHMARK(unsorted_with_outlier)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void sort_alone(benchmark::State& state) {
  const auto values = unsorted_sample(state.range(0), 0.0);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<double> copy = values;
    state.ResumeTiming();
    std::sort(copy.begin(), copy.end());
    benchmark::DoNotOptimize(copy.data());
  }
}
BENCHMARK(sort_alone)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// What a report does with two summaries: cells of single values, or of many.
void bracket(benchmark::State& state) {
  std::mt19937_64 random(7);
  std::vector<PooledCell> cells(static_cast<std::size_t>(state.range(0)));
  for (PooledCell& cell : cells) cell = {random() % 60, random() % 60, state.range(1) != 0};
  for (auto _ : state) benchmark::DoNotOptimize(ks_bracket(cells));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bracket)->ArgsProduct({{10'000}, {0, 1}});

// T with a limit p-value of about 0.05.
uint128 borderline_t(std::uint64_t m, std::uint64_t n) {
  const auto left = static_cast<double>(m);
  const auto right = static_cast<double>(n);
  return static_cast<uint128>(1.358 / std::sqrt(left * right / (left + right)) * left * right);
}

void exact_p(benchmark::State& state) {
  const auto m = static_cast<std::uint64_t>(state.range(0));
  const auto n = static_cast<std::uint64_t>(state.range(1));
  const uint128 t = borderline_t(m, n);
  for (auto _ : state) benchmark::DoNotOptimize(ks_exact_p(t, m, n));
}
BENCHMARK(exact_p)
    ->Args({50, 50})
    ->Args({1'000, 1'001})
    ->Args({1'000, 18'000})
    ->Args({9'999, 10'000})
    ->Args({10'000, 100'000})
    ->Unit(benchmark::kMicrosecond);

void exact_p_widest(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ks_exact_p(10'000'000, 9'999, 10'000));
}
BENCHMARK(exact_p_widest)->Unit(benchmark::kMicrosecond);

void exact_p_ties(benchmark::State& state) {
  const std::vector<std::uint64_t> blocks(static_cast<std::size_t>(state.range(0)),
                                          19'000 / static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(ks_exact_p_ties(borderline_t(1'000, 18'000), 1'000, 18'000, blocks));
  }
}
BENCHMARK(exact_p_ties)->Arg(2)->Arg(25)->Arg(1'000)->Unit(benchmark::kMicrosecond);

void kstwo(benchmark::State& state) {
  const auto n = static_cast<std::uint64_t>(state.range(0));
  const double d = std::sqrt(static_cast<double>(state.range(1)) / 100.0 / static_cast<double>(n));
  for (auto _ : state) benchmark::DoNotOptimize(kstwo_sf(d, n));
}
BENCHMARK(kstwo)
    ->ArgsProduct({{100, 1'000, 10'000, 100'000, 1'000'000, 5'000'000}, {10, 230}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace driftguard::stats

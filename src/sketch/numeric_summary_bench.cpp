// SPDX-License-Identifier: Apache-2.0
// Sums of summaries: a window is a few large ones, a minute's deltas are many small ones.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "sketch/numeric_summary.h"

namespace driftguard::sketch {
namespace {

NumericSummary amounts(std::int64_t size, unsigned seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> amount(4.0, 0.7);
  std::vector<double> values(static_cast<std::size_t>(size));
  for (double& value : values) value = std::round(amount(random) * 100) / 100;
  return NumericSummary::of(values);
}

void sum_summaries(benchmark::State& state) {
  std::vector<NumericSummary> parts;
  for (unsigned i = 0; i < state.range(0); ++i) parts.push_back(amounts(state.range(1), i));
  for (auto _ : state) {
    NumericSum sum;
    for (const NumericSummary& part : parts) sum.add(part);
    benchmark::DoNotOptimize(sum.take());
  }
}
BENCHMARK(sum_summaries)
    ->ArgNames({"summaries", "values"})
    ->Args({2, 100'000})
    ->Args({4, 100'000})
    ->Args({60, 1'000})
    ->Args({60, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace driftguard::sketch

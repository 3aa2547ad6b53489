// SPDX-License-Identifier: Apache-2.0
// PSI with its p-value over K aligned categories.
#include <benchmark/benchmark.h>

#include "stats/psi.h"

namespace driftguard::stats {
namespace {

void psi_with_test(benchmark::State& state) {
  std::vector<std::uint64_t> live;
  std::vector<std::uint64_t> baseline;
  for (std::int64_t k = 0; k < state.range(0); ++k) {
    live.push_back(static_cast<std::uint64_t>(1'000 / (k + 1)));
    baseline.push_back(static_cast<std::uint64_t>(1'200 / (k + 2)));
  }
  for (auto _ : state) benchmark::DoNotOptimize(psi_test(live, baseline));
}
BENCHMARK(psi_with_test)->Arg(3)->Arg(50)->Arg(500);

}  // namespace
}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
// The whole way of a body but for HTTP and the store: read, hand over, group commit to a store
// that keeps nothing, answer. Processor time of all threads.
#include "ingest/pipeline.h"

#include <benchmark/benchmark.h>

#include <semaphore>

#include "ingest/payments_bench.h"
#include "store/testing_null_store.h"

namespace driftguard::ingest {
namespace {

void whole_way(benchmark::State& state) {
  const std::vector<std::string> bodies = payment_bodies();
  store::NullStore store;
  const SystemClock clock;
  const FeatureRules rules;
  const Config config;
  Pipeline pipeline(store, clock, rules, config, nullptr);
  std::binary_semaphore answered(0);
  std::size_t turn = 0;
  for (auto _ : state) {
    state.PauseTiming();
    IngestRequest request;
    request.body = bodies[turn++ % kBodies];
    state.ResumeTiming();
    pipeline.ingest(std::move(request), [&](const IngestAnswer& answer) {
      if (answer.outcome != IngestOutcome::kStored) state.SkipWithError("not stored");
      answered.release();
    });
    answered.acquire();
  }
  pipeline.stop();
  count_per_event(state);
}
BENCHMARK(whole_way)->MeasureProcessCPUTime();

}  // namespace
}  // namespace driftguard::ingest

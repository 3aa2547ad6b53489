// SPDX-License-Identifier: Apache-2.0
// From the bytes of a body to what can be committed: everything, and simdjson alone, the limit.
#include "ingest/batch_reader.h"

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "ingest/event_slices.h"
#include "ingest/payments_bench.h"

namespace driftguard::ingest {
namespace {

void parse_alone(benchmark::State& state) {
  const std::vector<simdjson::padded_string> bodies = [] {
    std::vector<simdjson::padded_string> padded;
    for (const std::string& body : payment_bodies()) padded.emplace_back(body);
    return padded;
  }();
  simdjson::dom::parser parser;
  std::size_t turn = 0;
  for (auto _ : state) {
    simdjson::dom::element root;
    if (parser.parse(bodies[turn++ % kBodies]).get(root)) state.SkipWithError("not JSON");
    benchmark::DoNotOptimize(root);
  }
  count_per_event(state);
}
BENCHMARK(parse_alone);

void slice(benchmark::State& state) {
  const simdjson::padded_string body(payment_bodies().front());
  simdjson::dom::parser parser;
  if (parser.parse(body).error()) return state.SkipWithError("not JSON");
  std::vector<std::string_view> slices;
  for (auto _ : state) {
    slice_events(parser, body, slices);
    benchmark::DoNotOptimize(slices.data());
  }
  count_per_event(state);
}
BENCHMARK(slice);

// Decode, validate, observe, fold, summaries, encode. The copy of the body stands for HTTP's.
void read(benchmark::State& state) {
  const std::vector<std::string> bodies = payment_bodies();
  const FeatureRules rules;
  BatchReader reader(rules);
  ReadOptions options;
  options.latest = Time::max();
  std::size_t turn = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::string body = bodies[turn++ % kBodies];
    state.ResumeTiming();
    const Result<Batch> batch = reader.read(std::move(body), options);
    if (!batch || batch->rows.size() != kBodyEvents) state.SkipWithError("not read");
  }
  count_per_event(state);
}
BENCHMARK(read);

}  // namespace
}  // namespace driftguard::ingest

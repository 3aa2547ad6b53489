// SPDX-License-Identifier: Apache-2.0
// What is done for each event of a parsed body: reading and checking the fields of the contract,
// walking its keys, folding its values.
#include "ingest/observer.h"

#include <benchmark/benchmark.h>

#include "ingest/event_fields.h"
#include "ingest/payments_bench.h"

namespace driftguard::ingest {
namespace {

// A parsed body; its events live as long.
class Parsed final {
 public:
  Parsed() : text_(payment_bodies().front()) {
    for (const simdjson::dom::element event : parser_.parse(text_).get_array()) {
      events_.push_back(event.get_object());
    }
  }
  const std::vector<simdjson::dom::object>& events() const { return events_; }

 private:
  simdjson::padded_string text_;
  simdjson::dom::parser parser_;
  std::vector<simdjson::dom::object> events_;
};

void fields(benchmark::State& state) {
  const Parsed body;
  const FieldProblem ignore = [](std::string_view, const std::string&) {};
  for (auto _ : state) {
    EventFields found;
    for (const simdjson::dom::object& event : body.events()) {
      if (!read_event_fields(event, Time::max(), &found, ignore)) state.SkipWithError("invalid");
    }
    benchmark::DoNotOptimize(found);
  }
  count_per_event(state);
}
BENCHMARK(fields);

// Keys and duplicates alone.
void observe(benchmark::State& state) {
  const Parsed body;
  const FeatureRules rules;
  Observer observer("payments_api", rules);
  for (auto _ : state) {
    observer.begin_batch();
    for (const simdjson::dom::object& event : body.events()) {
      benchmark::DoNotOptimize(observer.observe(event, nullptr));
    }
  }
  count_per_event(state);
}
BENCHMARK(observe);

// The same with the values folded; making the summaries is not in it.
void observe_and_fold(benchmark::State& state) {
  const Parsed body;
  const FeatureRules rules;
  Observer observer("payments_api", rules);
  rollup::BucketFold fold;
  for (auto _ : state) {
    observer.begin_batch();
    for (const simdjson::dom::object& event : body.events()) {
      benchmark::DoNotOptimize(observer.observe(event, &fold));
    }
    state.PauseTiming();
    benchmark::DoNotOptimize(fold.take(observer.pointers()));
    state.ResumeTiming();
  }
  count_per_event(state);
}
BENCHMARK(observe_and_fold);

}  // namespace
}  // namespace driftguard::ingest

// SPDX-License-Identifier: Apache-2.0
// What alarms cost: a closed bucket of a service with eight numeric features, folded into all of
// its watches; learning them from ten hours; the state's bytes. Cost per service and bucket times
// 1,000 services, over ten seconds, is the share of a core.
#include "alarm/monitor.h"

#include <benchmark/benchmark.h>

#include <array>
#include <random>

#include "rollup/fold.h"

namespace driftguard::alarm {
namespace {

constexpr int kFeatures = 8;
constexpr int kBaselineBuckets = 3600;
const Time kBegin{std::chrono::seconds{1'735'516'800}};

std::vector<std::string> pointers() {
  std::vector<std::string> names;
  for (int f = 0; f < kFeatures; ++f) names.push_back("/request/body/f" + std::to_string(f));
  return names;
}

rollup::Rollup bucket(std::mt19937_64* random, int events) {
  std::normal_distribution<double> normal;
  rollup::BucketFold fold;
  for (int i = 0; i < events; ++i) {
    fold.begin_event(Time(Microseconds((*random)() >> 20)));
    fold.count_status(200);
    for (std::size_t f = 0; f < kFeatures; ++f) {
      fold.number(f, std::round(1000 * normal(*random)));
    }
    fold.end_event();
  }
  static const std::vector<std::string> kPointers = pointers();
  return fold.take(kPointers);
}

std::array<EndpointRollup, 1> endpoints(const rollup::Rollup& rollup) {
  return {{{"GET /", &rollup}}};
}

References learnt(int events) {
  std::mt19937_64 random(1);
  const Time from = kBegin - rollup::kBucketWidth * kBaselineBuckets;
  Learner learner({from, kBegin}, {});
  for (int i = 0; i < kBaselineBuckets; ++i) {
    const rollup::Rollup rollup = bucket(&random, events);
    learner.add(from + rollup::kBucketWidth * i, endpoints(rollup));
  }
  return learner.finish();
}

void fold_bucket(benchmark::State& state) {
  const int events = static_cast<int>(state.range(0));
  std::mt19937_64 random(2);
  Monitor monitor(std::make_shared<const References>(learnt(10)), {});
  std::vector<rollup::Rollup> buckets;
  for (int i = 0; i < 64; ++i) buckets.push_back(bucket(&random, events));
  Time at = kBegin;
  for (auto _ : state) {
    const rollup::Rollup& rollup = buckets[static_cast<std::size_t>(bucket_number(at)) % 64];
    benchmark::DoNotOptimize(monitor.fold(at, endpoints(rollup)));
    at += rollup::kBucketWidth;
  }
  state.counters["share_of_core_1000_services"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * 10.0 / 1000.0,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(fold_bucket)->Arg(10)->Arg(100)->Unit(benchmark::kMicrosecond);

void encode_state(benchmark::State& state) {
  std::mt19937_64 random(3);
  Monitor monitor(std::make_shared<const References>(learnt(10)), {});
  const rollup::Rollup rollup = bucket(&random, 100);
  monitor.fold(kBegin, endpoints(rollup));
  for (auto _ : state) benchmark::DoNotOptimize(monitor.encode());
  state.counters["bytes"] = static_cast<double>(monitor.encode().size());
}
BENCHMARK(encode_state)->Unit(benchmark::kMicrosecond);

void learn_ten_hours(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(learnt(10));
}
BENCHMARK(learn_ten_hours)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace driftguard::alarm

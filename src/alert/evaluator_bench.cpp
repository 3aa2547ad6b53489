// SPDX-License-Identifier: Apache-2.0
// What alarms cost a server: a thousand services with eight numeric features and a baseline each;
// all of them send, ten seconds go by, and what is due is evaluated. The time of that over ten
// seconds is the share of a core.
#include "alert/evaluator.h"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>

#include "rollup/fold.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::alert {
namespace {

constexpr int kServices = 1'000;
constexpr int kFeatures = 8;
constexpr int kBaselineBuckets = 40;
constexpr int kEvents = 100;  // A bucket.
const Time kMonday{std::chrono::seconds{1'735'516'800}};

Time after(std::int64_t buckets) { return kMonday + rollup::kBucketWidth * buckets; }

rollup::Rollup bucket(std::mt19937_64& random) {
  static const std::vector<std::string> kPointers = [] {
    std::vector<std::string> names;
    for (int f = 0; f < kFeatures; ++f) names.push_back("/request/body/f" + std::to_string(f));
    return names;
  }();
  std::normal_distribution<double> normal;
  rollup::BucketFold fold;
  for (int i = 0; i < kEvents; ++i) {
    fold.begin_event(kMonday + Microseconds(random() >> 20));
    fold.count_status(200);
    fold.latency(std::round(100 + 10 * normal(random)));
    for (std::size_t f = 0; f < kFeatures; ++f) {
      fold.number(f, std::round(100 * normal(random)));
    }
    fold.end_event();
  }
  return fold.take(kPointers);
}

// A driftguard with its services, on an embedded store.
class Setting {
 public:
  Setting() : clock_(kMonday) {
    std::string name = (std::filesystem::temp_directory_path() / "alert_bench.XXXXXX").string();
    if (::mkdtemp(name.data())) directory_ = name;
    store::RocksOptions options;
    options.directory = directory_;
    store_ = std::move(*store::open_rocks_store(options, rollup::merge_encoded));
    tree_.emplace(*store_, 512u << 20);
    inflow_.emplace(clock_, &*tree_);
    names_.emplace(*store_, rules_);
    windows_.emplace(*store_, rules_, &*tree_, window::WindowReaderOptions{});
    baselines_.emplace(*store_, *names_, *windows_, clock_, baseline::BaselineBookOptions{});
    evaluator_.emplace(EvaluatorSources{*store_, *windows_, *baselines_, *inflow_, clock_},
                       EvaluatorOptions{});
    for (int i = 0; i < kBaselineBuckets; ++i) send(i - kBaselineBuckets);
    for (int s = 0; s < kServices; ++s) {
      if (!baselines_->build(service(s), {after(-kBaselineBuckets), kMonday})) std::abort();
    }
    evaluate();
  }
  ~Setting() {
    evaluator_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void send(std::int64_t at) {
    for (int s = 0; s < kServices; ++s) {
      const store::RollupKey key{service(s), "GET /", after(at)};
      auto rollup = std::make_shared<const rollup::Rollup>(bucket(random_));
      const store::RollupDelta stored{key, rollup::encode(*rollup)};
      const ingest::BucketDelta delta{key, rollup, {}};
      inflow_->before({&key, 1});
      if (!store_->commit({{}, {&stored, 1}, {}})) std::abort();
      inflow_->after({&delta, 1}, true);
      inflow_->done({&key, 1});
    }
    clock_.set(after(at + 1) + EvaluatorOptions().lag + std::chrono::seconds(1));
  }
  void evaluate() {
    if (!evaluator_->evaluate()) std::abort();
  }

 private:
  static std::string service(int s) { return "service_" + std::to_string(s); }

  ManualClock clock_;
  std::mt19937_64 random_{1};
  std::string directory_;
  std::unique_ptr<store::Store> store_;
  ingest::FeatureRules rules_{{}};
  std::optional<window::RollupTree> tree_;
  std::optional<Inflow> inflow_;
  std::optional<baseline::FeatureNames> names_;
  std::optional<window::WindowReader> windows_;
  std::optional<baseline::BaselineBook> baselines_;
  std::optional<Evaluator> evaluator_;
};

void evaluate_a_thousand_services(benchmark::State& state) {
  static Setting setting;
  static std::int64_t at = 0;
  for (auto _ : state) {
    state.PauseTiming();
    setting.send(at++);
    state.ResumeTiming();
    setting.evaluate();
  }
  state.counters["share_of_core"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * 10.0,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(evaluate_a_thousand_services)->Unit(benchmark::kMillisecond)->Iterations(40);

}  // namespace
}  // namespace driftguard::alert

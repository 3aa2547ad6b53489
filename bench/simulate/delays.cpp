// SPDX-License-Identifier: Apache-2.0
// How soon a drift of one feature of twenty is found, from its first moment, which lies anywhere in
// a bucket, to the end of the bucket that alarms. A server adds its watermark.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>

#include "simulate/tables.h"

namespace driftguard::simulate {
namespace {

struct Sought {
  std::string name;
  Drift drift;
  double size;
  double median_most_s;  // Infinity: no bar.
  double all_most_s;     // Every run within.
  bool in_short;
};

constexpr double kNone = std::numeric_limits<double>::infinity();
constexpr double kHalfHour = 1800;
constexpr double kWarmUpHours = 0.5;

std::vector<Sought> sought(double rate) {
  if (rate < 10.0) {
    return {{"shift by 0.5 sd", Drift::kShift, 0.5, 360, kNone, true},
            {"shift by 0.25 sd", Drift::kShift, 0.25, 36 * 60, kNone, false},
            {"success rate 0.999 -> 0.98", Drift::kFailures, 0.02, kNone, kNone, false},
            {"durations + 50 %", Drift::kSlower, 1.5, kNone, kNone, false},
            {"correlation of two 0 -> 0.8", Drift::kTogether, 0.8, kNone, kNone, false}};
  }
  return {{"shift by 0.5 sd", Drift::kShift, 0.5, 45, kHalfHour, true},
          {"shift by 0.25 sd", Drift::kShift, 0.25, 210, kHalfHour, true},
          {"shift by 0.1 sd", Drift::kShift, 0.1, kNone, kNone, false},
          {"scale x 1.15", Drift::kScale, 1.15, kNone, kHalfHour, true},
          {"1 % outliers beyond 4 sd", Drift::kOutliers, 0.01, kNone, kHalfHour, true},
          {"a new category, 2 %", Drift::kNewCategory, 0.02, kNone, kHalfHour, true},
          {"success rate 0.999 -> 0.98", Drift::kFailures, 0.02, kNone, kHalfHour, true},
          {"durations + 50 % (p95 too)", Drift::kSlower, 1.5, kNone, kHalfHour, true},
          {"5 % missing", Drift::kMissing, 0.05, kNone, kHalfHour, false},
          {"2 % of another type", Drift::kTexts, 0.02, kNone, kHalfHour, false},
          {"correlation of two 0 -> 0.8", Drift::kTogether, 0.8, kNone, 300, true}};
}

// Delays in seconds by drift; infinity where none came within six hours.
using Delays = std::vector<std::vector<double>>;

void run_one(const Plan& plan, double rate, int replicate, const std::vector<Sought>& drifts,
             std::mutex* mutex, Delays* delays) {
  TrafficSpec spec;
  spec.rate = rate;
  const std::uint64_t seed = seed_of(plan, fmt::format("delays at {}", rate), replicate);
  const Service service(spec, 24, {}, seed);
  const Time warm = kBegin + std::chrono::seconds(static_cast<int>(kWarmUpHours * 3600));
  const Time from = warm + std::chrono::milliseconds(seed % 10'000);
  for (std::size_t d = 0; d < drifts.size(); ++d) {
    if (plan.is_short && !drifts[d].in_short) continue;
    const LiveResult result = run_live(service, 6, {drifts[d].drift, drifts[d].size, from}, true);
    const double delay = result.alarm ? result.alarm->delay_s : kNone;
    const std::scoped_lock lock(*mutex);
    (*delays)[d].push_back(delay);
  }
}

void add_rows(const Plan& plan, double rate, Table* table, std::vector<Bar>* bars) {
  const std::vector<Sought> drifts = sought(rate);
  Delays delays(drifts.size());
  std::mutex mutex;
  const int runs = plan.replicates(100, rate < 10.0 ? 3 : 5);
  for_each_replicate(plan, runs, [&](int i) { run_one(plan, rate, i, drifts, &mutex, &delays); });
  for (std::size_t d = 0; d < drifts.size(); ++d) {
    if (delays[d].empty()) continue;
    const auto missed = std::count(delays[d].begin(), delays[d].end(), kNone);
    std::sort(delays[d].begin(), delays[d].end());
    const double last = delays[d].back();
    const std::string what = fmt::format("{} at {:g} events/s", drifts[d].name, rate);
    table->rows.push_back(
        {drifts[d].name, fmt::format("{:g}", rate), fmt::format("{}", delays[d].size()),
         median_text(delays[d]),
         drifts[d].median_most_s == kNone ? "" : fmt::format("{:g}", drifts[d].median_most_s / 60),
         last == kNone ? "never" : fmt::format("{:.2f}", last / 60), fmt::format("{}", missed)});
    bars->push_back({"median delay (s), " + what, median(delays[d]), drifts[d].median_most_s});
    bars->push_back({"longest delay (s), " + what, last, drifts[d].all_most_s});
  }
}

}  // namespace

Outcome delays(const Plan& plan) {
  Outcome outcome;
  Table table{"Delays: one of 20 features drifts, baseline of 24 h",
              {"drift", "events/s", "runs", "median, minutes", "bar", "longest", "missed in 6 h"},
              {}};
  for (const double rate : {10.0, 1.0}) add_rows(plan, rate, &table, &outcome.bars);
  outcome.tables.push_back(std::move(table));
  return outcome;
}

}  // namespace driftguard::simulate

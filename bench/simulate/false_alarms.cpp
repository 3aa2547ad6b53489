// SPDX-License-Identifier: Apache-2.0
// How often steady traffic alarms: 19 numeric features and a categorical one, with missing and type
// rates, latency and both promises, watched for 48 hours after a baseline of 24.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "simulate/tables.h"

namespace driftguard::simulate {
namespace {

struct Steady {
  std::string name;
  TrafficSpec spec;
  double most;     // P(any alarm in 48 h) at most.
  int replicates;  // Full and short.
  int brief;
};

constexpr double kBaselineHours = 24;
constexpr double kLiveHours = 48;

std::vector<Steady> steadies() {
  std::vector<Steady> all(8);
  all[0] = {"independent", {}, 0.01, 200, 2};
  all[1] = {"AR(1), rho 0.5", {}, 0.05, 200, 0};
  all[1].spec.rho = 0.5;
  all[2] = {"AR(1), rho 0.9", {}, 0.05, 200, 4};
  all[2].spec.rho = 0.9;
  all[3] = {"slow wobble, 0.05 sd", {}, 0.05, 200, 0};
  all[3].spec.wobble = 0.05;
  all[4] = {"slow wobble, 0.1 sd", {}, 0.05, 200, 2};
  all[4].spec.wobble = 0.1;
  all[5] = {"Poisson arrivals", {}, 0.05, 200, 0};
  all[5].spec.arrivals = Arrivals::kPoisson;
  all[6] = {"bursts", {}, 0.05, 200, 0};
  all[6].spec.arrivals = Arrivals::kBursts;
  all[7] = {"daily cycle of rate and level", {}, 0.05, 200, 2};
  all[7].spec.arrivals = Arrivals::kDaily;
  // What wobbles slowly alarms the more easily the more events there are; what clusters, the fewer.
  for (Steady& steady : all) steady.spec.rate = steady.spec.wobble > 0.0 ? 4.0 : 1.0;
  all[0].spec.rate = 10.0;
  return all;
}

struct Tally {
  int alarms = 0;
  int refused = 0;  // Watches whose baseline was.
  int watches = 0;
  std::vector<double> tolerances;
  int plain_runs = 0;
  int plain_alarms = 0;
  int looks = 0;
  int failed_looks = 0;
  std::string example;
};

void note_references(const alarm::References& references, Tally* tally) {
  double largest = 0.0;
  for (const alarm::Reference& reference : references) {
    ++tally->watches;
    tally->refused += static_cast<int>(reference.admission != alarm::Admission::kAdmitted);
    if (reference.layout.subject == alarm::Subject::kNumbers) {
      largest = std::max(largest, reference.tolerance);
    }
  }
  tally->tolerances.push_back(largest);
}

void run_one(const Plan& plan, const Steady& steady, int replicate, std::mutex* mutex,
             Tally* tally) {
  // The plain rule is slow to compute; a few runs say enough of it.
  const bool with_plain = replicate < plan.replicates(10, 1);
  const Service service(steady.spec, kBaselineHours, {}, seed_of(plan, steady.name, replicate),
                        with_plain);
  PlainRule plain(service.total);
  const Spectator spectator =
      with_plain ? Spectator([&](Time t, const rollup::Rollup& r) { plain.see(t, r); })
                 : Spectator();
  const LiveResult result = run_live(service, kLiveHours, {}, !with_plain, spectator);
  const std::scoped_lock lock(*mutex);
  note_references(*service.references, tally);
  tally->alarms += static_cast<int>(result.alarm.has_value());
  if (result.alarm) tally->example = result.alarm->watch + ": " + result.alarm->reason;
  if (!with_plain) return;
  ++tally->plain_runs;
  tally->plain_alarms += static_cast<int>(plain.failed_looks() > 0);
  tally->looks += plain.looks();
  tally->failed_looks += plain.failed_looks();
}

}  // namespace

Outcome false_alarms(const Plan& plan) {
  Outcome outcome;
  Table table{
      "False alarms: 20 steady features, 48 h after a baseline of 24 h",
      {"traffic", "events/s", "runs", "P(any alarm in 48 h)", "bar", "largest tolerance (median)",
       "watches refused", "plain rule: P(any fail)", "plain rule: looks that fail"},
      {}};
  for (const Steady& steady : steadies()) {
    const int runs = plan.replicates(steady.replicates, steady.brief);
    if (runs == 0 || steady.name.find(plan.match) == std::string::npos) continue;
    Tally tally;
    std::mutex mutex;
    for_each_replicate(plan, runs, [&](int i) { run_one(plan, steady, i, &mutex, &tally); });
    table.rows.push_back({steady.name, fmt::format("{:g}", steady.spec.rate),
                          fmt::format("{}", runs), share_text(tally.alarms, runs),
                          fmt::format("{:g}", steady.most),
                          fmt::format("{:.3f}", median(tally.tolerances)),
                          fmt::format("{} of {}", tally.refused, tally.watches),
                          share_text(tally.plain_alarms, tally.plain_runs),
                          share_text(tally.failed_looks, tally.looks)});
    outcome.bars.push_back({"P(any alarm in 48 h), " + steady.name,
                            static_cast<double>(tally.alarms) / runs, steady.most});
    // A refused baseline is silent, which proves nothing.
    outcome.bars.push_back({"watches refused, " + steady.name,
                            static_cast<double>(tally.refused) / tally.watches, 0.05});
    fmt::print(stderr, "{}: {} of {} runs alarm {}\n", steady.name, tally.alarms, runs,
               tally.example);
  }
  outcome.tables.push_back(std::move(table));
  return outcome;
}

}  // namespace driftguard::simulate

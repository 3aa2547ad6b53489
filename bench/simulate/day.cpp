// SPDX-License-Identifier: Apache-2.0
// A day in the life of a dashboard nobody has a reason to look at: 24 hours of undrifted traffic.
#include <fmt/format.h>

#include <mutex>

#include "simulate/tables.h"

namespace driftguard::simulate {
namespace {

struct Kind {
  std::string name;
  TrafficSpec spec;
};

constexpr double kBaselineHours = 24;
constexpr double kLiveHours = 24;

std::vector<Kind> kinds() {
  std::vector<Kind> all = {{"independent", {}}, {"AR(1), rho 0.9", {}}, {"daily cycle", {}}};
  all[1].spec.rho = 0.9;
  all[2].spec.arrivals = Arrivals::kDaily;
  for (Kind& kind : all) kind.spec.rate = 1.0;
  return all;
}

struct Tally {
  int firings = 0;
  int looks = 0;
  int failed_looks = 0;
};

void run_one(const Plan& plan, const Kind& kind, int replicate, std::mutex* mutex, Tally* tally) {
  const Service service(kind.spec, kBaselineHours, {}, seed_of(plan, "day " + kind.name, replicate),
                        true);
  PlainRule plain(service.total);
  const LiveResult result =
      run_live(service, kLiveHours, {}, false,
               [&](Time bucket, const rollup::Rollup& rollup) { plain.see(bucket, rollup); });
  const std::scoped_lock lock(*mutex);
  tally->firings += result.firings;
  tally->looks += plain.looks();
  tally->failed_looks += plain.failed_looks();
}

}  // namespace

Outcome day(const Plan& plan) {
  Outcome outcome;
  Table table{"A day without drift: 20 features, 24 h after a baseline of 24 h",
              {"traffic", "days", "firings", "promised, on average at most",
               "plain rule: looks that fail, one in half an hour"},
              {}};
  const alarm::Rules rules;
  const double hours = std::chrono::duration<double, std::ratio<3600>>(rules.arl).count();
  for (const Kind& kind : kinds()) {
    const int days = plan.replicates(20, 1);
    Tally tally;
    std::mutex mutex;
    for_each_replicate(plan, days, [&](int i) { run_one(plan, kind, i, &mutex, &tally); });
    const double promised = days * kLiveHours / hours;
    table.rows.push_back({kind.name, fmt::format("{}", days), fmt::format("{}", tally.firings),
                          fmt::format("{:.3f}", promised),
                          fmt::format("{} of {}", tally.failed_looks, tally.looks)});
    // One firing is luck at these odds, two are not.
    outcome.bars.push_back(
        {"firings in days without drift, " + kind.name, static_cast<double>(tally.firings), 1.0});
  }
  outcome.tables.push_back(std::move(table));
  return outcome;
}

}  // namespace driftguard::simulate

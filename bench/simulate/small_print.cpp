// SPDX-License-Identifier: Apache-2.0
// What a single look gets wrong: negligible shifts of much data, verdicts on little, PSI's noise.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <random>

#include "alarm/reason.h"
#include "simulate/tables.h"

namespace driftguard::simulate {
namespace {

const alarm::Alarm& named(const LiveResult& result, const std::string& name) {
  return *std::find_if(result.alarms.begin(), result.alarms.end(),
                       [&](const alarm::Alarm& alarm) { return alarm.name == name; });
}

// The rollup of all live traffic.
rollup::Rollup live_total(const Service& service, double hours, const Change& change,
                          LiveResult* result) {
  rollup::RollupSum sum;
  *result = run_live(service, hours, change, false,
                     [&](Time, const rollup::Rollup& rollup) { sum.add(rollup); });
  return sum.take();
}

// A shift of 0.02 sd over a million events of half an hour: real, and nobody's business.
void negligible(const Plan& plan, Table* table, std::vector<Bar>* bars) {
  TrafficSpec spec;
  spec.numbers = 1;
  spec.rate = 556;
  const Service service(spec, 2, {}, seed_of(plan, "negligible", 0), true);
  LiveResult result;
  const rollup::Rollup live = live_total(service, 0.5, {Drift::kShift, 0.02, kBegin}, &result);
  const bool plain_fails = plain_rule_fails(live, *service.total);
  const alarm::Alarm& alarm = named(result, Traffic::number_pointer(0));
  const bool negligible = alarm.reason.find("significant, negligible") != std::string::npos;
  table->rows.push_back({fmt::format("shift by 0.02 sd, {} events", live.events),
                         plain_fails ? "fail" : "ok", std::string(alarm::state_name(alarm.state)),
                         alarm.reason});
  bars->push_back({"0.02 sd: the plain check does not fail", plain_fails ? 0.0 : 1.0, 0});
  bars->push_back({"0.02 sd: alarm, or no word of it", negligible && !result.alarm ? 0.0 : 1.0, 0});
}

void few_events(const Plan& plan, Table* table, std::vector<Bar>* bars) {
  TrafficSpec spec;
  spec.numbers = 1;
  spec.rate = 0.1;  // One event a bucket.
  const Service service(spec, 24, {}, seed_of(plan, "few", 0), true);
  LiveResult result;
  const rollup::Rollup live = live_total(service, 8.0 / 360, {Drift::kShift, 9, kBegin}, &result);
  const alarm::Alarm& alarm = named(result, Traffic::number_pointer(0));
  const bool insufficient = alarm.state == alarm::State::kInsufficientData;
  table->rows.push_back({fmt::format("{} events, shifted by 9 sd", live.events),
                         plain_rule_fails(live, *service.total) ? "fail" : "ok",
                         std::string(alarm::state_name(alarm.state)), alarm.reason});
  bars->push_back({"a verdict on 8 events", insufficient ? 0.0 : 1.0, 0});
}

// Two requests a minute; the sixth fails, or 60 % do.
void low_traffic(const Plan& plan, Table* table, std::vector<Bar>* bars) {
  const alarm::Rules rules;
  const auto references = std::make_shared<const alarm::References>(alarm::promises_only(rules));
  const auto run = [&](double failing, int minutes) {
    alarm::Monitor monitor(references, rules);
    std::mt19937_64 die(seed_of(plan, "low traffic", 0));
    for (int i = 0; i < minutes * 6; ++i) {
      rollup::Rollup rollup;
      if (i % 3 == 0) {
        rollup.events = 1;
        const bool fails =
            failing > 0 ? std::uniform_real_distribution<double>()(die) < failing : i == 15;
        rollup.statuses[fails ? 4 : 1] = 1;
      }
      const std::array<alarm::EndpointRollup, 1> endpoints = {{{kEndpoint, &rollup}}};
      monitor.fold(kBegin + rollup::kBucketWidth * i, endpoints);
    }
    return monitor.alarms().front();
  };
  const alarm::Alarm one = run(0, 60);
  const alarm::Alarm many = run(0.6, 10);
  table->rows.push_back({"2 requests/min for an hour, one fails",
                         "fail, while the error is in the window",
                         std::string(alarm::state_name(one.state)), one.reason});
  table->rows.push_back({"2 requests/min, 60 % fail, for 10 minutes", "fail",
                         std::string(alarm::state_name(many.state)), many.reason});
  bars->push_back({"one error in an hour alarms", one.state == alarm::State::kOk ? 0.0 : 1.0, 0});
  bars->push_back({"60 % errors do not alarm", many.state == alarm::State::kFiring ? 0.0 : 1.0, 0});
}

// K equal categories, steady, n a half hour: PSI above 0.2 by chance alone.
Table psi_noise(const Plan& plan, std::vector<Bar>* bars) {
  Table table{"No drift, K equal categories, n events a half hour, 48 h, baseline of 24 h",
              {"K", "n", "runs", "P(any alarm in 48 h)", "plain rule: looks with PSI > 0.2"},
              {}};
  int alarms = 0;
  int all_runs = 0;
  for (const int n : {30, 100, 300}) {
    for (const int k : {2, 5, 10, 20, 50}) {
      if (plan.is_short && (n != 30 || k == 5 || k == 20)) continue;
      TrafficSpec spec;
      spec.numbers = 0;
      spec.categories.assign(static_cast<std::size_t>(k), 1.0 / k);
      spec.rate = n / 1800.0;
      spec.arrivals = Arrivals::kPoisson;
      const int runs = plan.replicates(100, 5);
      std::mutex mutex;
      int hits = 0, looks = 0, failed = 0;
      for_each_replicate(plan, runs, [&](int i) {
        const Service service(spec, 24, {}, seed_of(plan, fmt::format("psi {} {}", n, k), i), true);
        PlainRule plain(service.total);
        const LiveResult result =
            run_live(service, 48, {}, false,
                     [&](Time t, const rollup::Rollup& rollup) { plain.see(t, rollup); });
        const std::scoped_lock lock(mutex);
        hits += static_cast<int>(result.alarm.has_value());
        looks += plain.looks();
        failed += plain.failed_looks();
      });
      table.rows.push_back({fmt::format("{}", k), fmt::format("{}", n), fmt::format("{}", runs),
                            share_text(hits, runs), share_text(failed, looks)});
      alarms += hits;
      all_runs += runs;
    }
  }
  bars->push_back({"P(any alarm in 48 h), steady categories", double(alarms) / all_runs, 0.01});
  return table;
}

}  // namespace

Outcome small_print(const Plan& plan) {
  Outcome outcome;
  Table table{"Much data, little data", {"traffic", "plain rule", "alarm", "reason"}, {}};
  negligible(plan, &table, &outcome.bars);
  few_events(plan, &table, &outcome.bars);
  low_traffic(plan, &table, &outcome.bars);
  outcome.tables.push_back(std::move(table));
  outcome.tables.push_back(psi_noise(plan, &outcome.bars));
  return outcome;
}

}  // namespace driftguard::simulate

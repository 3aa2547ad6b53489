// SPDX-License-Identifier: Apache-2.0
#include "simulate/experiment.h"

#include "report/check.h"

namespace driftguard::simulate {
namespace {

std::int64_t buckets_in(double hours) {
  return static_cast<std::int64_t>(hours * 3600.0 /
                                   static_cast<double>(rollup::kBucketWidth.count()));
}

}  // namespace

Service::Service(const TrafficSpec& spec, double baseline_hours, const alarm::Rules& the_rules,
                 std::uint64_t seed, bool keep_total)
    : rules(the_rules), traffic(spec, seed) {
  const std::int64_t buckets = buckets_in(baseline_hours);
  const Time from = kBegin - rollup::kBucketWidth * buckets;
  alarm::Learner learner({from, kBegin}, rules);
  rollup::RollupSum sum;
  for (std::int64_t i = 0; i < buckets; ++i) {
    const Time start = from + rollup::kBucketWidth * i;
    const rollup::Rollup rollup = traffic.bucket(start);
    const std::array<alarm::EndpointRollup, 1> endpoints = {{{kEndpoint, &rollup}}};
    learner.add(start, endpoints);
    if (keep_total) sum.add(rollup);
  }
  references = std::make_shared<const alarm::References>(learner.finish());
  if (keep_total) total = std::make_shared<const rollup::Rollup>(sum.take());
}

namespace {

// Adds the watches that have begun to fire since `firing`, which is brought up to date.
void count_firings(const alarm::Monitor& monitor, std::vector<bool>* firing, int* count) {
  for (std::size_t i = 0; i < firing->size(); ++i) {
    const bool now = monitor.watches()[i].state() == alarm::State::kFiring;
    *count += static_cast<int>(now && !(*firing)[i]);
    (*firing)[i] = now;
  }
}

}  // namespace

LiveResult run_live(const Service& service, double hours, const Change& change, bool until_alarm,
                    const Spectator& spectator) {
  Traffic traffic = service.traffic;
  alarm::Monitor monitor(service.references, service.rules);
  LiveResult result;
  std::vector<bool> firing(monitor.watches().size(), false);
  const std::int64_t buckets = buckets_in(hours);
  for (std::int64_t i = 0; i < buckets; ++i) {
    const Time start = kBegin + rollup::kBucketWidth * i;
    const rollup::Rollup rollup = traffic.bucket(start, change);
    const std::array<alarm::EndpointRollup, 1> endpoints = {{{kEndpoint, &rollup}}};
    monitor.fold(start, endpoints);
    count_firings(monitor, &firing, &result.firings);
    if (spectator) spectator(start, rollup);
    if (result.alarm || monitor.state() != alarm::State::kFiring) continue;
    const Time end = start + rollup::kBucketWidth;
    if (end <= change.from && change.from != kLatest) {
      result.false_alarm = true;
      break;
    }
    const Time since = change.from == kLatest ? kBegin : change.from;
    result.alarm = FirstAlarm{std::chrono::duration<double>(end - since).count(), {}, {}};
    for (const alarm::Alarm& alarm : monitor.alarms()) {
      if (alarm.state != alarm::State::kFiring) continue;
      result.alarm->watch = alarm.name;
      result.alarm->reason = alarm.reason;
    }
    if (until_alarm) break;
  }
  result.state = monitor.state();
  result.alarms = monitor.alarms();
  return result;
}

void PlainRule::see(Time /*bucket*/, const rollup::Rollup& rollup) {
  constexpr int kBucketsALook = 180;
  window_.add(rollup);
  if (++buckets_ % kBucketsALook != 0) return;
  ++looks_;
  failed_ += static_cast<int>(plain_rule_fails(window_.take(), *baseline_));
}

bool plain_rule_fails(const rollup::Rollup& live, const rollup::Rollup& baseline) {
  for (const auto& [pointer, feature] : baseline.features) {
    const auto at = live.features.find(pointer);
    if (at == live.features.end()) continue;
    const report::FeatureSide live_side{&at->second, live.events};
    const report::FeatureSide base_side{&feature, baseline.events};
    const bool numeric = feature.numbers.count() >= feature.texts.count();
    const bool ok = numeric ? report::check_ks(live_side, base_side, true, {}).ok
                            : report::check_psi(live_side, base_side, true, {}).ok;
    if (!ok) return true;
  }
  return false;
}

}  // namespace driftguard::simulate

// SPDX-License-Identifier: Apache-2.0
#include "api/check_metrics.h"

#include <algorithm>
#include <string>
#include <utility>

namespace driftguard::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

MetricFamily gauge(const std::string& name, const std::string& help) {
  MetricFamily family;
  family.name = "driftguard_" + name;
  family.help = help;
  family.type = prometheus::MetricType::Gauge;
  return family;
}

void add(MetricFamily& family, double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.gauge.value = value;
  metric.label = std::move(labels);
  family.metric.push_back(std::move(metric));
}

double state_number(report::State state) {
  switch (state) {
    case report::State::kOk:
      return 0;
    case report::State::kFail:
      return 1;
    case report::State::kInsufficient:
      return -1;
  }
  return -1;
}

using Families = std::vector<MetricFamily>;

void add_checks(const report::OverviewPtr& overview, Families& families) {
  MetricFamily value = gauge("check_value", "What a check of the last window found: D, PSI, ...");
  MetricFamily threshold = gauge("check_threshold", "Beyond it the check fails.");
  MetricFamily state = gauge("check_state", "0 ok, 1 fails, -1 not enough data.");
  MetricFamily left = gauge("metrics_left_out_checks", "Checks beyond the bound.");
  MetricFamily made = gauge("checks_made_timestamp_seconds", "When checks were made last.");
  std::size_t shown = 0;
  std::size_t beyond = 0;
  if (overview != nullptr) {
    for (const auto& service : overview->services) {
      const auto& checks = service->row.outline->checks;
      if (shown + checks.size() > kCheckSeriesMax) {
        beyond += checks.size();
        continue;
      }
      shown += checks.size();
      for (const report::Outline& check : checks) {
        const std::vector<ClientMetric::Label> labels = {
            {"service", service->row.name},
            {"check", check.name},
            {"kind", std::string(report::kind_name(check.kind))}};
        if (check.value) add(value, *check.value, labels);
        if (check.limit) add(threshold, *check.limit, labels);
        add(state, state_number(check.state), labels);
      }
    }
    add(made, static_cast<double>(us_since_epoch(overview->generated_at)) / 1e6);
  }
  add(left, static_cast<double>(beyond));
  for (MetricFamily* family : {&value, &threshold, &state, &left, &made}) {
    if (!family->metric.empty()) families.push_back(std::move(*family));
  }
}

bool fires(const guard::Standing& standing) {
  return standing.alarms != nullptr && standing.alarms->state == alarm::State::kFiring;
}

void add_alarms(const std::vector<guard::GuardedService>& services, Families& families) {
  MetricFamily firing = gauge("alarm_firing", "1 while the alarm fires; none without a verdict.");
  MetricFamily evidence =
      gauge("alarm_evidence_ratio", "Evidence as a share of the threshold; 1 and more fires.");
  MetricFamily left = gauge("metrics_left_out_alarms", "Alarms beyond the bound.");
  std::size_t shown = 0;
  std::size_t beyond = 0;
  for (const guard::GuardedService& one : services) {
    if (one.standing->alarms == nullptr) continue;
    const std::vector<alarm::Alarm>& alarms = one.standing->alarms->alarms;
    if (shown + alarms.size() > kAlarmSeriesMax) {
      beyond += alarms.size();
      continue;
    }
    shown += alarms.size();
    for (const alarm::Alarm& alarm : alarms) {
      if (alarm.state == alarm::State::kInsufficientData) continue;
      const std::vector<ClientMetric::Label> labels = {{"service", one.standing->service},
                                                       {"alarm", alarm.name}};
      add(firing, alarm.state == alarm::State::kFiring ? 1 : 0, labels);
      add(evidence, alarm.share_of_threshold, labels);
    }
  }
  add(left, static_cast<double>(beyond));
  for (MetricFamily* family : {&firing, &evidence, &left}) {
    if (!family->metric.empty()) families.push_back(std::move(*family));
  }
}

void add_guard(const std::vector<guard::GuardedService>& services, Families& families) {
  MetricFamily denies = gauge("guard_denying", "1 while the guard denies the whole service.");
  MetricFamily left = gauge("metrics_left_out_services", "Services beyond the bound.");
  for (const guard::GuardedService& one : services) {
    if (denies.metric.size() >= kGuardSeriesMax) break;
    add(denies, one.decision.verdict == guard::Verdict::kDeny ? 1 : 0,
        {{"service", one.standing->service},
         {"reason", std::string(guard::reason_name(one.decision.reason))}});
  }
  add(left, static_cast<double>(services.size() - denies.metric.size()));
  if (!denies.metric.empty()) families.push_back(std::move(denies));
  families.push_back(std::move(left));
}

}  // namespace

// One question at a time; its answer comes at once, or from the desk's thread.
void CheckMetrics::ask() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(asked_, true)) return;
  }
  overviews_.ask(window_minutes_, [self = shared_from_this()](Result<report::OverviewPtr> made) {
    const std::lock_guard lock(self->mutex_);
    self->asked_ = false;
    if (made) self->last_ = std::move(*made);
  });
}

std::vector<MetricFamily> CheckMetrics::collect() {
  ask();
  report::OverviewPtr last;
  {
    const std::lock_guard lock(mutex_);
    last = last_;
  }
  std::size_t total = 0;
  std::vector<guard::GuardedService> services =
      guard_.list(0, guard::GuardDesk::kServicesMax * 2, &total);
  // Trouble first; else by name.
  std::stable_partition(services.begin(), services.end(), [](const auto& one) {
    return one.decision.verdict == guard::Verdict::kDeny || fires(*one.standing);
  });
  Families families;
  add_checks(last, families);
  add_alarms(services, families);
  add_guard(services, families);
  return families;
}

}  // namespace driftguard::api

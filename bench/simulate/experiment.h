// SPDX-License-Identifier: Apache-2.0
// One replicate: a baseline learnt, then live traffic watched by the real engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alarm/monitor.h"
#include "simulate/traffic.h"

namespace driftguard::simulate {

// A Monday's midnight.
inline constexpr Time kBegin{std::chrono::seconds{1'735'516'800}};

// A service of a known truth, its baseline learnt from `baseline_hours` before kBegin.
struct Service {
  Service(const TrafficSpec& spec, double baseline_hours, const alarm::Rules& rules,
          std::uint64_t seed, bool keep_total = false);

  alarm::Rules rules;
  Traffic traffic;
  std::shared_ptr<const alarm::References> references;
  std::shared_ptr<const rollup::Rollup> total;  // The baseline's sum, if it was to be kept.
};

// The first alarm of a stretch of live traffic.
struct FirstAlarm {
  double delay_s = 0;  // From the change (kBegin, if there is none) to the end of the bucket.
  std::string watch;
  std::string reason;
};

struct LiveResult {
  std::optional<FirstAlarm> alarm;                       // The first since the change.
  bool false_alarm = false;                              // One before the change.
  int firings = 0;                                       // Of all watches, from beginning to end.
  alarm::State state = alarm::State::kInsufficientData;  // Of the whole, at the end.
  std::vector<alarm::Alarm> alarms;                      // At the end.
};

// Called with each live bucket: for what else looks at the same traffic.
using Spectator = std::function<void(Time, const rollup::Rollup&)>;

// Watches `hours` of live traffic from kBegin on; ends early at an alarm if `until_alarm`.
LiveResult run_live(const Service& service, double hours, const Change& change, bool until_alarm,
                    const Spectator& spectator = {});

// The seed's rules on the same traffic, once in half an hour over the half hour that ended: a
// dashboard looks 360 times as often.
class PlainRule final {
 public:
  explicit PlainRule(std::shared_ptr<const rollup::Rollup> baseline)
      : baseline_(std::move(baseline)) {}

  void see(Time bucket, const rollup::Rollup& rollup);
  int looks() const { return looks_; }
  int failed_looks() const { return failed_; }  // With at least one check that failed.

 private:
  std::shared_ptr<const rollup::Rollup> baseline_;
  rollup::RollupSum window_;
  int buckets_ = 0;
  int looks_ = 0;
  int failed_ = 0;
};

// Whether any KS or PSI check of the report fails.
bool plain_rule_fails(const rollup::Rollup& live, const rollup::Rollup& baseline);

}  // namespace driftguard::simulate

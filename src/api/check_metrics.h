// SPDX-License-Identifier: Apache-2.0
// Checks, alarms and the guard's answers as Prometheus has them, out of what is in memory.
#pragma once

#include <prometheus/metric_family.h>

#include <memory>
#include <mutex>
#include <vector>

#include "guard/guard_desk.h"
#include "report/overview_desk.h"

namespace driftguard::api {

// Labels are names of services, checks and alarms, so their numbers are bounded: services in the
// order of trouble, as an overview has them, each whole, until the bound is reached. What is left
// out is counted.
inline constexpr std::size_t kCheckSeriesMax = 2'000;  // Checks; three series each.
inline constexpr std::size_t kAlarmSeriesMax = 2'000;  // Alarms; two series each.
inline constexpr std::size_t kGuardSeriesMax = 1'000;  // Services.

// Thread-safe; what it refers to must outlive it.
class CheckMetrics final : public std::enable_shared_from_this<CheckMetrics> {
 public:
  CheckMetrics(report::OverviewDesk& overviews, const guard::GuardDesk& guard, int window_minutes)
      : overviews_(overviews), guard_(guard), window_minutes_(window_minutes) {}

  // Waits for nobody: checks are those of the last overview, which this call has made anew, so they
  // are of the last call; none at the first one.
  std::vector<prometheus::MetricFamily> collect();

 private:
  void ask();

  report::OverviewDesk& overviews_;
  const guard::GuardDesk& guard_;
  const int window_minutes_;

  std::mutex mutex_;  // Guards all below.
  bool asked_ = false;
  report::OverviewPtr last_;  // Null: none was made yet.
};

}  // namespace driftguard::api

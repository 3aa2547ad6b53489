// SPDX-License-Identifier: Apache-2.0
// What alarms would have said of traffic that is stored, had they been evaluated then.
#pragma once

#include <string>
#include <vector>

#include "alert/reference_book.h"
#include "alert/service_alarms.h"
#include "store/store.h"

namespace driftguard::alert {

struct Backtest {
  TimeRange range;                  // Whole buckets.
  std::vector<Incident> incidents;  // In order of time; the last may be open.
  ServiceAlarmsPtr alarms;          // At the end of the range.
};

// The buckets of `range`, one after another, against these references. Costs the reading of them.
// Nothing is stored. Thread-safe. Errors: the store's.
Result<Backtest> backtest(store::Store& store, const std::string& service,
                          const LearntReferences& learnt, int baseline_version, TimeRange range);

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "rollup/bucket.h"

namespace driftguard::alarm {

// What the alarms of a service promise and need. One set of numbers for all; docs/ALARMS.md says
// why each is what it is, and what simulations make of it.
struct Rules {
  // Mean time between false alarms of a whole service, at least.
  std::chrono::hours arl{24 * 365};
  // The chance that a baseline's confidence limits miss the truth, over all of a service's watches.
  double limits_missed_max = 0.05;

  // A difference of a share F below tolerance * 2 sqrt(F (1 - F)) is nobody's business.
  double tolerance_min = 0.02;
  double tolerance_unlearnt = 0.05;   // With fewer blocks than blocks_min.
  double tolerance_max = 0.35;        // A baseline that wobbles more is flagged.
  double wobble_factor = 3.0;         // Tolerance in standard deviations of the baseline's wobble.
  double tail_tolerance_min = 0.001;  // At least, of any cumulative share.
  double category_tolerance_min = 0.005;  // At least, of any category's share.
  double missing_tolerance_min = 0.01;
  double mistyped_tolerance_min = 0.001;
  double joint_tolerance_min = 0.05;  // Of the share of events with both in the same half.
  std::size_t blocks_min = 16;
  std::int64_t block_buckets = 180;  // Half an hour.

  // Values: in the baseline at least, and within the last half hour for a verdict. Rates need
  // fewer.
  std::uint64_t baseline_values_min = 200;
  std::uint64_t live_values_min = 30;
  std::uint64_t live_trials_min = 10;

  double pending_share = 0.01;          // Of the threshold.
  std::int64_t quiet_buckets = 180;     // Below it so long, inside the tolerance: resolved.
  std::int64_t resolved_buckets = 360;  // Shown so long as resolved.

  // Service levels: the share of failures and of slow events that is promised not to be exceeded.
  double failures_max = 0.005;
  double slow_ms = 2000;
  double slow_max = 0.05;

  double arl_buckets() const {
    return std::chrono::duration<double>(arl) / std::chrono::duration<double>(rollup::kBucketWidth);
  }
};

}  // namespace driftguard::alarm

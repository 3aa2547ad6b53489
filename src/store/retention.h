// SPDX-License-Identifier: Apache-2.0
// Keeps a store within its configured age and size. Nothing is dropped unless a rule says so.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>

#include "core/clock.h"
#include "store/store.h"

namespace driftguard::store {

// Zero: no such rule.
struct RetentionRules {
  std::chrono::days rows{0};     // Events older than this are dropped,
  std::chrono::days rollups{0};  // and so are the rollups of buckets older than this.
  // Of the whole store. Beyond it the oldest events go; when there are none any more, the oldest
  // rollups, but for those of the last `rollups_least`.
  std::uint64_t bytes_max = 0;
  std::chrono::seconds rollups_least{0};

  bool any() const { return rows.count() > 0 || rollups.count() > 0 || bytes_max > 0; }
};

struct RetentionFigures {
  std::uint64_t rows_dropped = 0;
  std::uint64_t rollups_dropped = 0;
  std::uint64_t passes = 0;
  std::uint64_t store_bytes = 0;  // Zero until it is known.
  std::optional<Time> oldest_row;
};

// Ages are cut at whole hours, so that a segment's drops are few; late events that are older are
// stored like all others and go with the next pass. A bound of bytes is held by dropping down to
// seven eighths of it before it is reached, at fifteen sixteenths: what is written until the next
// pass, logs and memtables included, has to fit between.
//
// Thread-safe; one pass at a time. Store and clock must outlive it.
class Retention final {
 public:
  // `rollups_gone` is called after rollups older than a moment were dropped, or may have been:
  // whoever keeps sums of them, or names of segments, forgets those.
  Retention(Store& store, const Clock& clock, RetentionRules rules,
            std::function<void(Time)> rollups_gone);

  // Applies the rules: ages every half minute, bytes every time. Returns early between two
  // steps once `stop` is set.
  Result<void> pass(std::atomic<bool>& stop);

  const RetentionRules& rules() const { return rules_; }
  RetentionFigures figures() const;

 private:
  Result<void> hold_ages(std::atomic<bool>& stop);
  Result<void> hold_bytes(std::atomic<bool>& stop);
  Result<void> drop_before(History what, Time before, std::atomic<bool>& stop);
  Result<std::uint64_t> measure();

  Store& store_;
  const Clock& clock_;
  const RetentionRules rules_;
  const std::function<void(Time)> rollups_gone_;

  std::mutex pass_mutex_;            // Held for a pass; taken before mutex_.
  Time ages_held_at_ = Time::min();  // Guarded by pass_mutex_.
  mutable std::mutex mutex_;
  RetentionFigures figures_;  // Guarded by mutex_.
};

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// One watch: live traffic of one subject against its reference, closed bucket by closed bucket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alarm/detector.h"
#include "alarm/reference.h"
#include "alarm/rules.h"
#include "core/bytes.h"
#include "core/time.h"

namespace driftguard::alarm {

enum class State : std::uint8_t {
  kInsufficientData,  // No admitted baseline, or too few live values within the last half hour.
  kOk,                // Nothing that chance would not do within days.
  kPending,           // Evidence above Rules::pending_share of the threshold.
  kFiring,            // It reached the threshold; stays so until kResolved.
  kResolved,          // Quiet for Rules::quiet_buckets and inside the tolerance; then kOk.
};

// Counts of the last half hour, by minute: what effects are measured on.
class Recent final {
 public:
  static constexpr std::int64_t kSlots = 30;
  static constexpr std::int64_t kBucketsPerSlot = 6;

  explicit Recent(std::size_t cells = 0) : cells_(cells) {}

  // Moves on to `bucket`, forgetting what has become too old. Buckets ascend.
  void advance(std::int64_t bucket);
  void add(std::span<const std::uint32_t> counts);  // Into the slot advanced to.
  // Sums over the slots that end after `from_bucket`; at least the newest one.
  std::vector<std::uint64_t> since(std::int64_t from_bucket) const;
  std::uint64_t values() const { return values_; }

  void encode(ByteWriter& out) const;
  static Recent decode(ByteReader& in, std::size_t cells);

  friend bool operator==(const Recent&, const Recent&) = default;

 private:
  std::size_t cells_ = 0;
  std::int64_t newest_ = 0;  // Number of the newest slot; slots_ holds those before it in a ring.
  std::uint64_t values_ = 0;
  std::vector<std::uint32_t> slots_;  // kSlots rows of cells_; empty until the first add().
};

// What differs most: one share, live against baseline.
struct Effect {
  std::size_t place = 0;  // The edge (share of values up to it) or the cell.
  double share = 0;       // Live.
  double low = 0;         // Its 95 % interval (Wilson), counts divided by the overdispersion.
  double high = 1;
  double baseline_share = 0;
  double tolerated_low = 0;
  double tolerated_high = 1;
  std::uint64_t values = 0;

  bool within_tolerance() const { return tolerated_low <= share && share <= tolerated_high; }
  // The interval excludes the baseline's share.
  bool significant() const { return baseline_share < low || high < baseline_share; }
};

// The watch's evolving half. Not thread-safe.
class Watch final {
 public:
  Watch() = default;
  explicit Watch(const Reference& reference);

  // Folds one closed bucket, each exactly once, in ascending order; numbers are those of
  // bucket_number(). A number not above the last one is refused: false, nothing changes.
  bool fold(const Reference& reference, const Rules& rules, std::int64_t bucket,
            std::span<const std::uint32_t> counts);

  State state() const { return state_; }
  std::int64_t since_bucket() const { return since_; }
  std::int64_t last_bucket() const { return last_; }  // Before any, if none was folded.
  bool has_folded() const { return last_ != kNever; }
  // M; see Detector. While firing, what it had at most since.
  double evidence(const Reference& reference) const;
  // The bucket where the drift seems to have begun; of the present evidence, or of what fired.
  std::optional<std::int64_t> started_bucket(const Reference& reference) const;
  // Over what came since the start, or the last half hour while there is none.
  std::optional<Effect> effect(const Reference& reference) const;

  void encode(const Reference& reference, ByteWriter& out) const;
  // Malformed bytes, or those of a watch over another reference, turn `in` not ok.
  static Watch decode(const Reference& reference, ByteReader& in);

  friend bool operator==(const Watch&, const Watch&) = default;

 private:
  void enter(State state, std::int64_t bucket);
  void step(const Reference& reference, const Rules& rules, std::int64_t bucket);
  // The live share may well lie inside the tolerance.
  bool is_calm(const Reference& reference) const;

  Detector detector_;
  Recent recent_;
  State state_ = State::kInsufficientData;
  std::int64_t since_ = 0;
  std::int64_t last_ = kNever;
  std::int64_t last_suspect_ = 0;  // While firing: when evidence was last above pending.
  std::int64_t fired_start_ = 0;   // The estimated start of what fired.
  double peak_ = 0;                // While firing: the most evidence so far.

  static constexpr std::int64_t kNever = -4'000'000'000;  // Before any bucket of the calendar.
};

// Buckets are numbered from 1970 on.
std::int64_t bucket_number(Time bucket_start);
Time bucket_start(std::int64_t bucket_number);

}  // namespace driftguard::alarm

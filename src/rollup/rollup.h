// SPDX-License-Identifier: Apache-2.0
// The rollup: what is remembered of the events of one segment in one stretch of time. Rollups
// add up; the sum depends on the multiset of events alone, down to the last byte.
//
// docs/ROLLUP-FORMAT.md describes the stored bytes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "sketch/category_counts.h"
#include "sketch/numeric_summary.h"
#include "sketch/row_sample.h"

namespace driftguard::rollup {

// What was seen at one place (a JSON Pointer) of the events. Numbers and texts stand side by side:
// which of them is the feature and which a type mismatch is decided when a report is made
// (docs/decisions/0004). Absent fields need no count: they are the segment's events less these.
struct FeatureRollup {
  sketch::NumericSummary numbers;
  sketch::CategoryCounts texts;  // Strings and booleans, or numbers declared categorical.
  std::uint64_t nulls = 0;
  std::uint64_t others = 0;  // Objects and arrays where a scalar is expected.
  bool segment = false;      // Declared to tell events apart: sampled before other features.

  std::uint64_t present() const { return numbers.count() + texts.count() + others; }
  friend bool operator==(const FeatureRollup&, const FeatureRollup&) = default;
};

// A value type; safe to read from many threads.
struct Rollup {
  // Places kept in one rollup; values at further ones count as features_dropped.
  static constexpr std::size_t kFeaturesMax = 1000;
  // Hosts kept by name; of more a sample by hash is.
  static constexpr std::size_t kHostsMax = 1024;

  std::uint64_t events = 0;
  std::array<std::uint64_t, 5> statuses{};  // By class: 1xx, 2xx, ... 5xx.
  sketch::NumericSummary latency_ms;
  // By pointer: "/request/body/amount".
  std::map<std::string, FeatureRollup, std::less<>> features;
  std::uint64_t features_dropped = 0;
  sketch::CategoryCounts hosts;  // Who sent the events; those without one are not counted.
  // What was together in one event, under sampled_columns().
  sketch::RowSample rows;

  std::uint64_t with_status() const;
  std::uint64_t successes() const { return statuses[1]; }
  friend bool operator==(const Rollup&, const Rollup&) = default;
};

// What the columns of a row sample are of, in their order.
enum class ColumnRank : std::uint8_t {
  kContext,  // What every event may say of itself, at the three pointers below.
  kSegment,  // Features that were declared as segments.
  kFeature,  // Further features that have numbers or texts.
};
inline constexpr std::string_view kHostPointer = "/host";
inline constexpr std::string_view kDurationPointer = "/response/duration_ms";
inline constexpr std::string_view kStatusPointer = "/response/status";
// Segments sampled before other features.
inline constexpr std::size_t kSegmentsMax = 8;

constexpr sketch::Column column_of(ColumnRank rank, std::string_view pointer) {
  return {static_cast<std::uint8_t>(rank), pointer};
}

// The columns of a rollup's row sample: the first RowSample::kColumnsMax by rank and pointer. Views
// of the rollup's own texts.
std::vector<sketch::Column> sampled_columns(const Rollup& rollup);
// Which of `columns` is the feature at `pointer`.
std::optional<std::size_t> find_feature(sketch::Columns columns, std::string_view pointer);

// Versioned, and with a checksum over all of it.
std::string encode(const Rollup& rollup);
// kCorrupt when the bytes are damaged or of an unknown version.
Result<Rollup> decode(std::string_view bytes);
// The same without features, hosts and rows, which are most of it.
Result<Rollup> decode_outcomes(std::string_view bytes);

// Adds rollups up. Memory is bounded by the features' capacities. Not thread-safe.
class RollupSum final {
 public:
  void add(const Rollup& rollup);
  bool empty() const { return total_.events == 0; }
  Rollup take();

 private:
  struct FeatureSum {
    sketch::NumericSum numbers;
    FeatureRollup rest;  // Everything but the numbers.
  };

  Rollup total_;  // Everything but latencies, features and rows.
  sketch::NumericSum latency_ms_;
  sketch::RowSum rows_;
  std::map<std::string, FeatureSum, std::less<>> features_;
};

// The sum of encoded rollups, encoded: what stores merge with.
Result<std::string> merge_encoded(std::span<const std::string_view> parts);

}  // namespace driftguard::rollup

// SPDX-License-Identifier: Apache-2.0
// What is watched and how its values fall into cells. A layout is fixed before anything is counted
// in it: it comes from the first part of a baseline (the pilot).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/halves.h"
#include "core/bytes.h"
#include "core/config.h"
#include "rollup/rollup.h"

namespace driftguard::alarm {

// What an alarm is about. Rates have two cells, the bad events first.
enum class Subject : std::uint8_t {
  kNumbers,     // The distribution of a numeric feature.
  kCategories,  // The shares of a categorical feature's values, unseen ones among them.
  kMissing,     // Rate: a feature is absent or null.
  kMistyped,    // Rate: a feature is of another kind than in the baseline.
  kLatency,     // The distribution of duration_ms.
  kFailures,    // Rate: a status other than 2xx.
  kSlow,        // Rate: duration_ms above the promised limit.
  kJoint,       // Whether two features go together.
};
bool is_rate(Subject subject);

// One endpoint's rollup of a bucket, borrowed.
struct EndpointRollup {
  std::string_view endpoint;
  const rollup::Rollup* rollup;
};

struct Layout {
  // Edges of numeric cells at most, and categories with a cell of their own.
  static constexpr std::size_t kEdgesMax = 29;
  static constexpr std::size_t kNamesMax = 24;
  static constexpr std::size_t kCellsMax = kEdgesMax + 1;

  Subject subject = Subject::kNumbers;
  std::string pointer;                       // Of one feature; else empty.
  FeatureKind kind = FeatureKind::kNumeric;  // Of a feature.
  std::vector<std::string> endpoints;        // Sorted: where the feature occurs. Empty: all.
  double limit = 0;                          // kSlow: what lies above is slow.
  std::vector<double> edges;                 // Ascending: cell k holds (edge k-1, edge k].
  std::vector<std::string> names;            // Sorted: cells 0, 1, ...
  std::vector<std::string> light;            // Sorted: known, together in one cell.
  // kJoint: two. The first cell holds events with both in the same half, the second the others.
  std::vector<Halves> pair;

  std::size_t cells() const;
  // Of categories: the cells of known names without their own, and of names never seen.
  std::size_t other_cell() const { return names.size(); }
  std::size_t unseen_cell() const { return names.size() + 1; }

  void encode(ByteWriter& out) const;
  static Layout decode(ByteReader& in);  // Malformed bytes turn `in` not ok.

  friend bool operator==(const Layout&, const Layout&) = default;
};

// Edges at quantiles of `numbers` (0.1 % .. 99.9 %, each 5 % between) and around its extremes, so
// that what never occurred has cells of its own. Needs at least one value.
std::vector<double> edges_of(const sketch::NumericSummary& numbers);

// Splits names into those with their own cells, the most frequent, and the others.
void take_names(const sketch::CategoryCounts& texts, Layout* layout);

// How many of a bucket's events lie in each cell; `counts` has layout.cells() entries. A summary
// coarser than the edges counts each of its cells where its middle lies.
void count_cells(const Layout& layout, std::span<const EndpointRollup> bucket,
                 std::span<std::uint32_t> counts);

}  // namespace driftguard::alarm

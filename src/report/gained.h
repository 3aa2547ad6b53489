// SPDX-License-Identifier: Apache-2.0
// Where on the axis of its values a feature gained: the ranges that hold more of the live values
// than of the baseline's. Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sketch/numeric_summary.h"

namespace driftguard::report {

// Closed; an empty end is open: "500 and more".
struct ValueRange {
  std::optional<double> from;
  std::optional<double> to;

  bool holds(double value) const { return !(from && value < *from) && !(to && value > *to); }
  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};
std::string text_of(const ValueRange& range);  // "500 and more", "up to 3", "3 to 500", "7".

struct GainedRange {
  ValueRange range;
  double live = 0;  // Shares of the values.
  double baseline = 0;
  double gain() const { return live - baseline; }
};

// At most so many, the largest gain first.
inline constexpr std::size_t kGainedMax = 10;

// Both samples are cut into 32 bins that hold about the same of the two together. A bin counts if
// it gained by more than twice the standard deviation of such a difference without drift;
// neighbours are joined, and the ends of what is found are moved within the bins beside it to where
// the gain is largest. Ends between two values are written as round numbers. Empty: a side counts
// nothing, or no bin gained. Cost: a pass over the cells of both.
std::vector<GainedRange> gained_ranges(const sketch::NumericSummary& live,
                                       const sketch::NumericSummary& baseline);

// How many of the numbers lie in one of the ranges; of a cell that holds more than one value, those
// whose middle does.
std::uint64_t count_in(const sketch::NumericSummary& numbers,
                       const std::vector<ValueRange>& ranges);

}  // namespace driftguard::report

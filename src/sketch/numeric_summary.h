// SPDX-License-Identifier: Apache-2.0
// The mergeable summary of a numeric feature: value cells with integer counts.
//
// A cell's key is the double with its sign and exponent kept and its mantissa cut by `shift` low
// bits; shift 0 is lossless. Whenever more than kCapacity distinct keys would remain, shift grows
// just enough. The final shift, and so every byte of the summary, depends on the multiset of
// values alone, not on the order or grouping of arrivals and merges. (The idea is UDDSketch's and
// of OpenTelemetry's exponential histogram, started at full precision; docs/decisions/0002.)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "sketch/exact_sum.h"
#include "stats/quantile.h"

namespace driftguard::sketch {

// How many values fell into the cell `key` of a summary's shift.
struct Cell {
  std::int64_t key;
  std::uint64_t count;
  friend bool operator==(const Cell&, const Cell&) = default;
};

// The closed interval of values a cell may hold; one value when low == high.
struct CellBounds {
  double low;
  double high;
};

// A value read off a summary, with the interval that surely holds it.
struct Estimate {
  double value;
  double low;
  double high;
};

// The key of a finite value at full precision (shift 0); -0.0 counts as 0.0.
std::int64_t cell_key(double value);
// The key after cutting `bits` more bits, towards zero.
std::int64_t coarser(std::int64_t key, int bits);
CellBounds cell_bounds(std::int64_t key, int shift);

// Immutable in use; safe to read from many threads.
class NumericSummary final {
 public:
  // Distinct cells kept. 4,094 cells always suffice at shift 52 (sign and exponent alone).
  static constexpr std::size_t kCapacity = 32'768;
  static constexpr int kShiftMax = 52;

  NumericSummary() = default;
  // Sorts `values` in place. Every value must be finite.
  static NumericSummary of(std::span<double> values);
  // From cells sorted by key at `shift`, as a baseline file has them. `min` and `max` are values.
  static NumericSummary of_cells(std::vector<Cell> cells, int shift, double min, double max);

  std::uint64_t count() const { return count_; }
  int shift() const { return shift_; }
  bool lossless() const { return shift_ == 0; }
  std::span<const Cell> cells() const { return cells_; }
  CellBounds bounds(const Cell& cell) const;

  // Meaningless (0) while count() == 0. min and max are exact at any shift; mean and the
  // population's standard deviation are exact up to rounding, NaN or infinite out of range.
  double min() const { return min_; }
  double max() const { return max_; }
  double mean() const;
  double standard_deviation() const;

  // The nearest-rank quantile x[ceil(p n)]; needs count() > 0. Exact when lossless().
  Estimate quantile(stats::Fraction p) const;
  // The value of rank 1..count().
  Estimate at_rank(std::uint64_t rank) const;

  // This summary with at least `shift` bits cut.
  NumericSummary coarsened(int shift) const;

  void encode(ByteWriter& out) const;
  static NumericSummary decode(ByteReader& in);  // Malformed bytes turn `in` not ok.

  friend bool operator==(const NumericSummary&, const NumericSummary&) = default;

 private:
  friend class NumericSum;

  void fit();  // Cuts bits until kCapacity holds.

  std::uint64_t count_ = 0;
  int shift_ = 0;
  double min_ = 0;
  double max_ = 0;
  ExactSum sum_;
  ExactSum sum_squares_;
  std::vector<Cell> cells_;  // Ascending by key; at most kCapacity.
};

// Adds summaries up: many at a time cost little more than a merge sort of their cells.
// Memory is bounded by a few kCapacity cells. Not thread-safe.
class NumericSum final {
 public:
  void add(const NumericSummary& summary);
  // The sum of all that was added; leaves an empty sum behind.
  NumericSummary take();

 private:
  static constexpr std::size_t kPendingMax = 4 * NumericSummary::kCapacity;

  void settle();  // Merges what is pending into total_.
  void merge_pairs();

  NumericSummary total_;
  std::vector<Cell> pending_;          // Sorted runs, one after another, at total_.shift_.
  std::vector<std::size_t> run_ends_;  // Where each run of pending_ ends.
  std::vector<Cell> merged_;           // Room for merge_pairs().
};

}  // namespace driftguard::sketch

// SPDX-License-Identifier: Apache-2.0
#include "sketch/numeric_summary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace driftguard::sketch {
namespace {

std::uint64_t magnitude(std::int64_t key) {
  return key < 0 ? static_cast<std::uint64_t>(-key) : static_cast<std::uint64_t>(key);
}

double value_of_bits(std::uint64_t magnitude_bits) { return std::bit_cast<double>(magnitude_bits); }

// The least number of further bits to cut until two ascending, different keys are the same.
int meeting_level(std::int64_t lower, std::int64_t upper) {
  if ((lower < 0) == (upper < 0)) return std::bit_width(magnitude(lower) ^ magnitude(upper));
  return std::bit_width(std::max(magnitude(lower), magnitude(upper)));
}

// The least number of further bits to cut until at most `capacity` distinct keys remain.
int bits_to_fit(std::span<const Cell> cells, std::size_t capacity) {
  std::array<std::size_t, 65> meeting_at{};
  for (std::size_t i = 1; i < cells.size(); ++i) {
    ++meeting_at[meeting_level(cells[i - 1].key, cells[i].key)];
  }
  std::size_t distinct = cells.size();
  int bits = 0;
  while (distinct > capacity) distinct -= meeting_at[++bits];
  return bits;
}

void cut(std::vector<Cell>& cells, int bits) {
  if (bits == 0 || cells.empty()) return;
  std::size_t kept = 0;
  for (const Cell& cell : cells) {
    const std::int64_t key = coarser(cell.key, bits);
    if (kept > 0 && cells[kept - 1].key == key) {
      cells[kept - 1].count += cell.count;
    } else {
      cells[kept++] = {key, cell.count};
    }
  }
  cells.resize(kept);
}

// Appends an ascending run with `bits` more bits cut, adding the counts of keys that become equal.
void append_coarser(std::span<const Cell> run, int bits, std::vector<Cell>& out) {
  if (bits == 0) {
    out.insert(out.end(), run.begin(), run.end());
    return;
  }
  const std::size_t begin = out.size();
  for (const Cell& cell : run) {
    const std::int64_t key = coarser(cell.key, bits);
    if (out.size() > begin && out.back().key == key) {
      out.back().count += cell.count;
    } else {
      out.push_back({key, cell.count});
    }
  }
}

// Appends two ascending runs to `out` as one, adding the counts of equal keys.
void merge_runs(std::span<const Cell> a, std::span<const Cell> b, std::vector<Cell>& out) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].key < b[j].key) {
      out.push_back(a[i++]);
    } else if (b[j].key < a[i].key) {
      out.push_back(b[j++]);
    } else {
      out.push_back({a[i].key, a[i].count + b[j].count});
      ++i, ++j;
    }
  }
  out.insert(out.end(), a.begin() + static_cast<std::ptrdiff_t>(i), a.end());
  out.insert(out.end(), b.begin() + static_cast<std::ptrdiff_t>(j), b.end());
}

}  // namespace

std::int64_t cell_key(double value) {
  assert(std::isfinite(value));
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto size = static_cast<std::int64_t>(bits & ~(std::uint64_t{1} << 63));
  return (bits >> 63) != 0 ? -size : size;
}

std::int64_t coarser(std::int64_t key, int bits) {
  const auto cut_size = static_cast<std::int64_t>(magnitude(key) >> bits);
  return key < 0 ? -cut_size : cut_size;
}

CellBounds cell_bounds(std::int64_t key, int shift) {
  const std::uint64_t nearest = magnitude(key) << shift;
  const double inner = value_of_bits(nearest);
  const double outer = value_of_bits(nearest | ((std::uint64_t{1} << shift) - 1));
  if (key == 0) return {-outer, outer};  // The zero cell lies on both sides of zero.
  return key < 0 ? CellBounds{-outer, -inner} : CellBounds{inner, outer};
}

NumericSummary NumericSummary::of(std::span<double> values) {
  NumericSummary summary;
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  summary.min_ = values.front() + 0.0;  // + 0.0 turns -0.0 into 0.0.
  summary.max_ = values.back() + 0.0;
  summary.count_ = values.size();
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    summary.sum_.add(values[i], end - i);
    summary.sum_squares_.add(values[i] * values[i], end - i);
    summary.cells_.push_back({cell_key(values[i]), end - i});
    i = end;
  }
  summary.fit();
  return summary;
}

NumericSummary NumericSummary::of_cells(std::vector<Cell> cells, int shift, double min,
                                        double max) {
  NumericSummary summary;
  summary.shift_ = shift;
  summary.min_ = min;
  summary.max_ = max;
  for (const Cell& cell : cells) {
    const CellBounds bounds = cell_bounds(cell.key, shift);
    const double middle = bounds.low + (bounds.high - bounds.low) / 2;
    summary.count_ += cell.count;
    summary.sum_.add(middle, cell.count);
    summary.sum_squares_.add(middle * middle, cell.count);
  }
  summary.cells_ = std::move(cells);
  summary.fit();
  return summary;
}

CellBounds NumericSummary::bounds(const Cell& cell) const {
  const CellBounds bounds = cell_bounds(cell.key, shift_);
  return {std::max(bounds.low, min_), std::min(bounds.high, max_)};
}

double NumericSummary::mean() const { return sum_.value() / static_cast<double>(count_); }

double NumericSummary::standard_deviation() const {
  const double mean_value = mean();
  const double variance =
      sum_squares_.value() / static_cast<double>(count_) - mean_value * mean_value;
  return std::isnan(variance) ? variance : std::sqrt(std::max(variance, 0.0));
}

Estimate NumericSummary::quantile(stats::Fraction p) const {
  assert(count_ > 0);
  return at_rank(stats::nearest_rank(p, count_));
}

Estimate NumericSummary::at_rank(std::uint64_t rank) const {
  assert(rank >= 1 && rank <= count_);
  std::uint64_t below = 0;
  for (const Cell& cell : cells_) {
    below += cell.count;
    if (below < rank) continue;
    const CellBounds inside = bounds(cell);
    return {inside.low + (inside.high - inside.low) / 2, inside.low, inside.high};
  }
  return {max_, max_, max_};
}

NumericSummary NumericSummary::coarsened(int shift) const {
  NumericSummary copy = *this;
  if (shift > shift_) {
    cut(copy.cells_, shift - shift_);
    copy.shift_ = shift;
  }
  return copy;
}

void NumericSummary::fit() {
  if (cells_.size() <= kCapacity) return;
  const int bits = bits_to_fit(cells_, kCapacity);
  cut(cells_, bits);
  shift_ += bits;
  assert(shift_ <= kShiftMax && cells_.size() <= kCapacity);
}

void NumericSummary::encode(ByteWriter& out) const {
  out.varint(count_);
  if (count_ == 0) return;
  out.u8(static_cast<std::uint8_t>(shift_));
  out.real(min_);
  out.real(max_);
  sum_.encode(out);
  sum_squares_.encode(out);
  std::uint64_t all_bits = 0;
  for (const Cell& cell : cells_) all_bits |= magnitude(cell.key);
  // Integers and short fractions leave low bits empty in every key; they are not written.
  const int empty_bits = all_bits == 0 ? 0 : std::countr_zero(all_bits);
  out.varint(cells_.size());
  out.u8(static_cast<std::uint8_t>(empty_bits));
  std::int64_t previous = 0;
  for (const Cell& cell : cells_) {
    const std::int64_t key = cell.key >> empty_bits;
    if (&cell == cells_.data()) {
      out.zigzag(key);
    } else {
      out.varint(static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(previous));
    }
    previous = key;
    out.varint(cell.count);
  }
}

NumericSummary NumericSummary::decode(ByteReader& in) {
  NumericSummary summary;
  const std::uint64_t count = in.varint();
  if (count == 0) return summary;
  summary.count_ = count;
  summary.shift_ = in.u8();
  summary.min_ = in.real();
  summary.max_ = in.real();
  summary.sum_ = ExactSum::decode(in);
  summary.sum_squares_ = ExactSum::decode(in);
  const std::uint64_t size = in.varint();
  const int empty_bits = in.u8();
  constexpr std::size_t kLeastBytesPerCell = 2;
  if (size > kCapacity || size > in.left() / kLeastBytesPerCell + 1 || empty_bits > 62 ||
      summary.shift_ > kShiftMax) {
    in = ByteReader({});
    in.u8();
    return {};
  }
  summary.cells_.reserve(size);
  std::int64_t key = 0;
  for (std::uint64_t i = 0; i < size && in.ok(); ++i) {
    key = i == 0 ? in.zigzag()
                 : static_cast<std::int64_t>(static_cast<std::uint64_t>(key) + in.varint());
    const std::uint64_t cell_count = in.varint();
    summary.cells_.push_back(
        {static_cast<std::int64_t>(static_cast<std::uint64_t>(key) << empty_bits), cell_count});
  }
  return summary;
}

void NumericSum::add(const NumericSummary& summary) {
  if (summary.count_ == 0) return;
  if (total_.count_ == 0 && pending_.empty()) {
    total_ = summary;
    return;
  }
  if (summary.shift_ > total_.shift_) {
    settle();  // Which may cut more bits than `summary` has cut.
    const int bits = std::max(0, summary.shift_ - total_.shift_);
    cut(total_.cells_, bits);
    total_.shift_ += bits;
  }
  append_coarser(summary.cells_, total_.shift_ - summary.shift_, pending_);
  run_ends_.push_back(pending_.size());
  total_.count_ += summary.count_;
  total_.min_ = std::min(total_.min_, summary.min_);
  total_.max_ = std::max(total_.max_, summary.max_);
  total_.sum_.merge(summary.sum_);
  total_.sum_squares_.merge(summary.sum_squares_);
  if (pending_.size() > kPendingMax) settle();
}

void NumericSum::settle() {
  if (run_ends_.empty()) return total_.fit();
  while (run_ends_.size() > 1) merge_pairs();
  merged_.clear();
  merged_.reserve(total_.cells_.size() + pending_.size());
  merge_runs(total_.cells_, pending_, merged_);
  std::swap(total_.cells_, merged_);
  total_.fit();
  pending_.clear();
  run_ends_.clear();
}

// Halves the number of pending runs, so that each cell moves log2(runs) times.
void NumericSum::merge_pairs() {
  merged_.clear();
  merged_.reserve(pending_.size());
  std::size_t begin = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < run_ends_.size(); i += 2) {
    const std::size_t middle = run_ends_[i];
    const std::size_t end = i + 1 < run_ends_.size() ? run_ends_[i + 1] : middle;
    const std::span<const Cell> pending(pending_);
    merge_runs(pending.subspan(begin, middle - begin), pending.subspan(middle, end - middle),
               merged_);
    run_ends_[pairs++] = merged_.size();
    begin = end;
  }
  run_ends_.resize(pairs);
  std::swap(pending_, merged_);
}

NumericSummary NumericSum::take() {
  settle();
  return std::exchange(total_, {});
}

}  // namespace driftguard::sketch

// SPDX-License-Identifier: Apache-2.0
#include "report/gained.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/pooled.h"

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

constexpr double kBinsOfBoth = 32;
constexpr double kNotableDeviations = 2;

struct Bin {
  std::size_t begin;  // Cells [begin, end).
  std::size_t end;
  double live;  // Shares.
  double baseline;
};

// The axis as cells with the shares of both sides.
class Axis final {
 public:
  Axis(const NumericSummary& live, const NumericSummary& baseline)
      : pooled_(pool(live, baseline)),
        n_(static_cast<double>(live.count())),
        m_(static_cast<double>(baseline.count())) {}

  std::vector<GainedRange> gained() const {
    const std::vector<Bin> bins = this->bins();
    std::vector<GainedRange> ranges;
    std::size_t free = 0;  // Cells before it belong to the last range.
    for (std::size_t i = 0; i < bins.size();) {
      if (!gains(bins[i])) {
        ++i;
        continue;
      }
      std::size_t last = i;
      while (last + 1 < bins.size() && gains(bins[last + 1])) ++last;
      const std::size_t begin = std::max(free, i == 0 ? 0 : bins[i - 1].begin);
      const std::size_t end = last + 1 == bins.size() ? bins[last].end : bins[last + 1].end;
      ranges.push_back(best_within(begin, end, &free));
      i = last + 1;
    }
    std::stable_sort(ranges.begin(), ranges.end(),
                     [](const auto& a, const auto& b) { return a.gain() > b.gain(); });
    ranges.resize(std::min(ranges.size(), kGainedMax));
    return ranges;
  }

 private:
  double live(std::size_t cell) const { return static_cast<double>(pooled_.cells[cell].live) / n_; }
  double baseline(std::size_t cell) const {
    return static_cast<double>(pooled_.cells[cell].baseline) / m_;
  }

  std::vector<Bin> bins() const {
    std::vector<Bin> bins;
    Bin bin{0, 0, 0, 0};
    for (std::size_t i = 0; i < pooled_.cells.size(); ++i) {
      bin.live += live(i);
      bin.baseline += baseline(i);
      bin.end = i + 1;
      if (bin.live + bin.baseline < 2 / kBinsOfBoth && bin.end < pooled_.cells.size()) continue;
      bins.push_back(bin);
      bin = {i + 1, i + 1, 0, 0};
    }
    return bins;
  }

  bool gains(const Bin& bin) const {
    const double share = (bin.live * n_ + bin.baseline * m_) / (n_ + m_);
    const double deviation = std::sqrt(share * (1 - share) * (1 / n_ + 1 / m_));
    return bin.live - bin.baseline > kNotableDeviations * deviation;
  }

  // The stretch of cells with the largest gain (Kadane).
  GainedRange best_within(std::size_t begin, std::size_t end, std::size_t* behind) const {
    double best = 0;
    double sum = 0;
    std::size_t start = begin;
    std::size_t first = begin;
    std::size_t last = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (sum <= 0) {
        sum = 0;
        start = i;
      }
      sum += live(i) - baseline(i);
      if (sum > best) {
        best = sum;
        first = start;
        last = i;
      }
    }
    GainedRange range;
    for (std::size_t i = first; i <= last; ++i) {
      range.live += live(i);
      range.baseline += baseline(i);
    }
    range.range = ends_of(first, last);
    *behind = last + 1;
    return range;
  }

  ValueRange ends_of(std::size_t first, std::size_t last) const {
    ValueRange range;
    if (first > 0)
      range.from = round_between(pooled_.bounds(first - 1).high, pooled_.bounds(first).low);
    if (last + 1 < pooled_.cells.size()) {
      range.to = -round_between(-pooled_.bounds(last + 1).low, -pooled_.bounds(last).high);
    }
    return range;
  }

  // The number with the fewest digits in (below, value], the largest of them.
  static double round_between(double below, double value) {
    if (value == 0 || !std::isfinite(value)) return value;
    if (below < 0 && value > 0) return 0;
    const int magnitude = static_cast<int>(std::floor(std::log10(std::fabs(value))));
    for (int digits = 0; digits < 15; ++digits) {
      const double unit = std::pow(10.0, magnitude - digits);
      const double rounded = std::floor(value / unit) * unit;
      if (rounded > below && rounded <= value) return rounded;
    }
    return value;
  }

  const Pooled pooled_;
  const double n_;
  const double m_;
};

std::string figure(double value) {
  return std::fabs(value) >= 1e4 && std::fabs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                            : fmt::format("{:.6g}", value);
}

}  // namespace

std::string text_of(const ValueRange& range) {
  if (range.from && range.to) {
    if (*range.from == *range.to) return figure(*range.from);
    return fmt::format("{} to {}", figure(*range.from), figure(*range.to));
  }
  if (range.from) return figure(*range.from) + " and more";
  return range.to ? "up to " + figure(*range.to) : "any value";
}

std::vector<GainedRange> gained_ranges(const NumericSummary& live, const NumericSummary& baseline) {
  if (live.count() == 0 || baseline.count() == 0) return {};
  return Axis(live, baseline).gained();
}

std::uint64_t count_in(const NumericSummary& numbers, const std::vector<ValueRange>& ranges) {
  std::uint64_t count = 0;
  for (const sketch::Cell& cell : numbers.cells()) {
    const sketch::CellBounds bounds = numbers.bounds(cell);
    const double middle = bounds.low / 2 + bounds.high / 2;
    const bool in = std::any_of(ranges.begin(), ranges.end(), [&](const ValueRange& range) {
      return range.holds(bounds.low == bounds.high ? bounds.low : middle);
    });
    if (in) count += cell.count;
  }
  return count;
}

}  // namespace driftguard::report

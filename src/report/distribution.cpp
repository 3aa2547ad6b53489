// SPDX-License-Identifier: Apache-2.0
#include "report/distribution.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "report/pooled.h"

namespace driftguard::report {
namespace {

using sketch::Cell;
using sketch::NumericSummary;

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

// A value that stands for a cell: its only one, or its middle, as quantiles have it.
double middle(const NumericSummary& numbers, const Cell& cell) {
  const sketch::CellBounds bounds = numbers.bounds(cell);
  return bounds.low + (bounds.high - bounds.low) / 2;
}

// From a bit below to a bit above all values that are not far outliers.
struct Span {
  double low = 0;
  double high = 0;
};

constexpr stats::Fraction kRareLow{1, 200};
constexpr stats::Fraction kRareHigh{199, 200};
// The extremes are shown unless that would widen the span by more than this share of it.
constexpr double kWidening = 0.25;

Span shown_span(const NumericSummary& live, const NumericSummary& baseline) {
  std::optional<Span> common;
  Span whole;
  for (const NumericSummary* side : {&live, &baseline}) {
    if (side->count() == 0) continue;
    const Span span{side->quantile(kRareLow).value, side->quantile(kRareHigh).value};
    if (!common) {
      common = span;
      whole = {side->min(), side->max()};
    } else {
      common = {std::min(common->low, span.low), std::max(common->high, span.high)};
      whole = {std::min(whole.low, side->min()), std::max(whole.high, side->max())};
    }
  }
  const double slack = kWidening * (common->high - common->low);
  if (whole.high - common->high <= slack) common->high = whole.high;
  if (common->low - whole.low <= slack) common->low = whole.low;
  return *common;
}

bool whole_numbers(const NumericSummary& numbers) {
  constexpr double kExactMax = 1125899906842624.0;  // 2^50: edges lie halfway between.
  return numbers.lossless() &&
         std::all_of(numbers.cells().begin(), numbers.cells().end(), [&](const Cell& cell) {
           const double value = numbers.bounds(cell).low;
           return std::fabs(value) <= kExactMax && std::trunc(value) == value;
         });
}

std::vector<double> whole_edges(Span span, std::size_t bins) {
  const double low = std::floor(span.low);
  const double values = std::floor(span.high) - low + 1;
  const double width = std::ceil(values / static_cast<double>(bins));
  std::vector<double> edges;
  for (double edge = low - 0.5; edge < low + values - 0.5; edge += width) edges.push_back(edge);
  edges.push_back(edges.back() + width);
  return edges;
}

std::vector<double> even_edges(Span span, std::size_t bins) {
  if (span.low == span.high) {
    const double half = std::max(0.5, std::fabs(span.low) / 256);
    return {span.low - half, span.high + half};
  }
  std::vector<double> edges;
  for (std::size_t i = 0; i <= bins; ++i) {
    edges.push_back(std::lerp(span.low, span.high, share(i, bins)));
  }
  // Neighbouring doubles leave no room for so many.
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

Histogram::Side count_in(const std::vector<double>& edges, const NumericSummary& numbers) {
  Histogram::Side side;
  if (numbers.count() == 0) return side;
  std::vector<std::uint64_t> counts(edges.size() - 1);
  std::uint64_t below = 0;
  std::uint64_t above = 0;
  for (const Cell& cell : numbers.cells()) {
    const double value = middle(numbers, cell);
    if (value < edges.front()) {
      below += cell.count;
    } else if (value > edges.back()) {
      above += cell.count;
    } else {
      const auto after = std::upper_bound(edges.begin() + 1, edges.end() - 1, value);
      counts[static_cast<std::size_t>(after - edges.begin()) - 1] += cell.count;
    }
  }
  for (const std::uint64_t count : counts) side.shares.push_back(share(count, numbers.count()));
  side.below = share(below, numbers.count());
  side.above = share(above, numbers.count());
  return side;
}

std::optional<double> quantile(const NumericSummary& numbers, stats::Fraction p) {
  if (numbers.count() == 0) return std::nullopt;
  return numbers.quantile(p).value;
}

}  // namespace

Ecdf ecdf_of(const NumericSummary& live, const NumericSummary& baseline, std::size_t points,
             std::optional<double> at) {
  assert(points >= 2);
  const Pooled pooled = pool(live, baseline);
  const double apart = 2.0 / static_cast<double>(points - 1);
  Ecdf ecdf;
  std::uint64_t live_reached = 0;
  std::uint64_t baseline_reached = 0;
  double next = 0;  // The sum of both functions at which a point is due.
  for (std::size_t i = 0; i < pooled.cells.size(); ++i) {
    live_reached += pooled.cells[i].live;
    baseline_reached += pooled.cells[i].baseline;
    const double live_share = live.count() == 0 ? 0 : share(live_reached, live.count());
    const double baseline_share =
        baseline.count() == 0 ? 0 : share(baseline_reached, baseline.count());
    const double x = pooled.upper(i);
    const double risen = live_share + baseline_share;
    const bool due = pooled.cells.size() <= points || risen >= next;
    if (!due && i + 1 < pooled.cells.size() && x != at) continue;
    next = risen + apart;
    ecdf.x.push_back(x);
    if (live.count() > 0) ecdf.live.push_back(live_share);
    if (baseline.count() > 0) ecdf.baseline.push_back(baseline_share);
  }
  return ecdf;
}

std::optional<Gap> gap_of(const Ecdf& ecdf, std::optional<double> at) {
  if (!at || ecdf.live.empty() || ecdf.baseline.empty()) return std::nullopt;
  const auto point = std::lower_bound(ecdf.x.begin(), ecdf.x.end(), *at);
  assert(point != ecdf.x.end() && *point == *at);
  const auto i = static_cast<std::size_t>(point - ecdf.x.begin());
  if (ecdf.live[i] == ecdf.baseline[i]) return std::nullopt;
  return Gap{*at, ecdf.live[i], ecdf.baseline[i]};
}

std::optional<Histogram> histogram_of(const NumericSummary& live, const NumericSummary& baseline,
                                      std::size_t bins) {
  assert(bins >= 1);
  if (live.count() == 0 && baseline.count() == 0) return std::nullopt;
  const Span span = shown_span(live, baseline);
  Histogram histogram;
  histogram.edges = whole_numbers(live) && whole_numbers(baseline) ? whole_edges(span, bins)
                                                                   : even_edges(span, bins);
  histogram.live = count_in(histogram.edges, live);
  histogram.baseline = count_in(histogram.edges, baseline);
  return histogram;
}

std::vector<QuantilePair> quantiles_of(const NumericSummary& live, const NumericSummary& baseline) {
  std::vector<QuantilePair> pairs;
  for (const stats::Fraction p : kShownQuantiles) {
    pairs.push_back({p, quantile(live, p), quantile(baseline, p)});
  }
  return pairs;
}

std::optional<double> share_above(const NumericSummary& numbers, double x) {
  if (numbers.count() == 0) return std::nullopt;
  std::uint64_t above = 0;
  for (const Cell& cell : numbers.cells()) {
    if (middle(numbers, cell) > x) above += cell.count;
  }
  return share(above, numbers.count());
}

std::optional<double> share_below(const NumericSummary& numbers, double x) {
  if (numbers.count() == 0) return std::nullopt;
  std::uint64_t below = 0;
  for (const Cell& cell : numbers.cells()) {
    if (middle(numbers, cell) < x) below += cell.count;
  }
  return share(below, numbers.count());
}

std::optional<Tail> tail_above_p99(const NumericSummary& live, const NumericSummary& baseline) {
  const std::optional<double> threshold = quantile(baseline, stats::kP99);
  if (!threshold) return std::nullopt;
  return Tail{*threshold, share_above(live, *threshold), *share_above(baseline, *threshold)};
}

std::optional<Tail> tail_below_p1(const NumericSummary& live, const NumericSummary& baseline) {
  const std::optional<double> threshold = quantile(baseline, {1, 100});
  if (!threshold) return std::nullopt;
  return Tail{*threshold, share_below(live, *threshold), *share_below(baseline, *threshold)};
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "alarm/alternatives.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

#include "stats/proportion.h"

namespace driftguard::alarm {
namespace {

// How the evidence is shared out between the families of a numeric feature.
constexpr double kLocationWeight = 0.4;
constexpr double kScaleWeight = 0.15;
constexpr double kTailsWeight = 0.1;
constexpr double kEdgeWeight = 0.35;

constexpr std::array<double, 5> kShifts = {0.1, 0.22, 0.45, 0.9, 1.8};  // Standard deviations.
constexpr std::array<double, 6> kScales = {0.5, 0.75, 0.9, 1.1, 1.3, 2.0};
constexpr std::array<double, 2> kOutliers = {0.006, 0.025};  // Their share, on both sides.
// Beyond the limit, in units of 2 sqrt(F (1 - F)) (STATISTICS: ratio 3 keeps 75 % of the growth).
constexpr std::array<double, 3> kSteps = {0.03, 0.1, 0.35};
// A bad share as a multiple of the limit, and outright.
constexpr std::array<double, 6> kMultiples = {1.5, 2.5, 5, 12, 40, 120};
constexpr double kLargestBadShare = 0.9;
// Every cell keeps a little of its share, so that no e-value is zero or infinite.
constexpr double kKept = 1e-3;

double unit(double share) { return 2.0 * std::sqrt(std::max(share * (1.0 - share), 0.0)); }

// `shares` moved towards `target`, which adds up to 1.
std::vector<double> blended(std::span<const double> shares, std::vector<double> target) {
  for (std::size_t j = 0; j < target.size(); ++j) {
    target[j] = (1.0 - kKept) * target[j] + kKept * shares[j];
  }
  return target;
}

// The cells' shares after each normal score z has become scale * z + shift.
std::vector<double> moved(std::span<const double> shares, double shift, double scale) {
  std::vector<double> target(shares.size());
  double cumulative = 0.0;
  double below = 0.0;
  for (std::size_t j = 0; j < shares.size(); ++j) {
    cumulative += shares[j];
    const bool is_last = j + 1 == shares.size() || cumulative >= 1.0;
    const double up_to =
        is_last ? 1.0 : stats::normal_cdf((stats::normal_quantile(cumulative) - shift) / scale);
    target[j] = std::max(up_to - below, 0.0);
    below = up_to;
  }
  return blended(shares, std::move(target));
}

// A share of the events goes to the outermost `depth` cells of either side.
std::vector<double> with_outliers(std::span<const double> shares, double outliers,
                                  std::size_t depth) {
  std::vector<double> target(shares.begin(), shares.end());
  for (double& kept : target) kept *= 1.0 - outliers;
  const double each = outliers / (2.0 * static_cast<double>(depth));
  for (std::size_t j = 0; j < std::min(depth, target.size()); ++j) {
    target[j] += each;
    target[target.size() - 1 - j] += each;
  }
  const double sum = std::accumulate(target.begin(), target.end(), 0.0);
  for (double& share : target) share /= sum;
  return target;
}

// Cells [first, last] together get `share`, the others the rest, in their old proportions.
std::vector<double> with_share(std::span<const double> shares, std::size_t first, std::size_t last,
                               double share) {
  const auto begin = shares.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = shares.begin() + static_cast<std::ptrdiff_t>(last) + 1;
  const double inside = std::accumulate(begin, end, 0.0);
  std::vector<double> target(shares.begin(), shares.end());
  for (std::size_t j = 0; j < target.size(); ++j) {
    target[j] *= j >= first && j <= last ? share / inside : (1.0 - share) / (1.0 - inside);
  }
  return target;
}

// Shares beyond `limit` on one side: upwards, or downwards as seen from 1.
double beyond(double limit, double step, bool upwards) {
  const double from = upwards ? limit : 1.0 - limit;
  const double to = std::min(from + step * unit(from), 1.0 - (1.0 - from) / 16.0);
  return upwards ? to : 1.0 - to;
}

void add_leavings(std::span<const double> shares, std::size_t first, std::size_t last,
                  std::size_t place, Alternative alternative, double low, double high,
                  std::vector<Drift>* drifts) {
  for (const bool upwards : {true, false}) {
    const double limit = upwards ? high : low;
    if (limit <= 0.0 || limit >= 1.0) continue;  // Nothing lies beyond.
    for (const double step : kSteps) {
      const double share = beyond(limit, step, upwards);
      drifts->push_back({{alternative, static_cast<std::uint16_t>(place), 1.0, 1.0},
                         with_share(shares, first, last, share)});
    }
  }
}

void share_out(double weight, std::span<Drift> drifts) {
  for (Drift& drift : drifts) {
    drift.component.weight = weight / static_cast<double>(drifts.size());
  }
}

}  // namespace

std::vector<Drift> ordered_drifts(std::span<const double> shares, const NullSet& null) {
  assert(null.order == Order::kOrdered && shares.size() == null.cells());
  std::vector<Drift> drifts;
  for (const double shift : kShifts) {
    for (const double signed_shift : {shift, -shift}) {
      drifts.push_back({{Alternative::kLocation, 0, 1.0, 1.0}, moved(shares, signed_shift, 1.0)});
    }
  }
  const std::size_t locations = drifts.size();
  for (const double scale : kScales) {
    drifts.push_back({{Alternative::kScale, 0, 1.0, 1.0}, moved(shares, 0.0, scale)});
  }
  const std::size_t scales = drifts.size();
  for (const double share : kOutliers) {
    drifts.push_back({{Alternative::kScale, 0, 1.0, 1.0}, with_outliers(shares, share, 1)});
    drifts.push_back({{Alternative::kScale, 0, 1.0, 1.0}, with_outliers(shares, share, 2)});
  }
  const std::size_t smooth = drifts.size();
  for (std::size_t edge = 0; edge < null.low.size(); ++edge) {
    add_leavings(shares, 0, edge, edge, Alternative::kEdge, null.low[edge], null.high[edge],
                 &drifts);
  }
  const std::span all(drifts);
  share_out(kLocationWeight, all.first(locations));
  share_out(kScaleWeight, all.subspan(locations, scales - locations));
  share_out(kTailsWeight, all.subspan(scales, smooth - scales));
  share_out(kEdgeWeight, all.subspan(smooth));
  return drifts;
}

std::vector<Drift> unordered_drifts(std::span<const double> shares, const NullSet& null) {
  assert(null.order == Order::kUnordered && shares.size() == null.cells());
  std::vector<Drift> drifts;
  for (std::size_t cell = 0; cell < shares.size(); ++cell) {
    add_leavings(shares, cell, cell, cell, Alternative::kCell, null.low[cell], null.high[cell],
                 &drifts);
  }
  share_out(1.0, drifts);
  return drifts;
}

std::vector<Drift> rate_drifts(const NullSet& null) {
  assert(null.order == Order::kUnordered && null.cells() == 2);
  std::vector<double> bad_shares = {0.3, 0.6, kLargestBadShare};
  for (const double multiple : kMultiples) bad_shares.push_back(multiple * null.high[0]);
  std::vector<Drift> drifts;
  for (const double bad : bad_shares) {
    if (bad <= null.high[0] || bad > kLargestBadShare) continue;
    drifts.push_back({{Alternative::kCell, 0, 1.0, 1.0}, {bad, 1.0 - bad}});
  }
  share_out(1.0, drifts);
  return drifts;
}

}  // namespace driftguard::alarm

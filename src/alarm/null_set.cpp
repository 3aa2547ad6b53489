// SPDX-License-Identifier: Apache-2.0
#include "alarm/null_set.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftguard::alarm {
namespace {

// A tube over the cumulative sums of p, its ends fixed at (0, 0) and (1, 1).
struct Tube {
  std::vector<double> x;
  std::vector<double> low;
  std::vector<double> high;
};

Tube tube_of(const NullSet& null, std::span<const double> p) {
  Tube tube{{0.0}, {0.0}, {0.0}};
  double sum = 0.0;
  for (std::size_t edge = 0; edge < null.low.size(); ++edge) {
    sum += p[edge];
    tube.x.push_back(sum);
    tube.low.push_back(null.low[edge]);
    tube.high.push_back(null.high[edge]);
  }
  tube.x.push_back(sum + p.back());
  tube.low.push_back(1.0);
  tube.high.push_back(1.0);
  return tube;
}

// Where the string that is fast at (`from`, `y`) is next held: as far as it can be straight.
struct Bend {
  std::size_t at;
  double y;
};

Bend next_bend(const Tube& tube, std::size_t from, double y) {
  double steepest = std::numeric_limits<double>::infinity();
  double flattest = -steepest;
  std::size_t at_high = from;
  std::size_t at_low = from;
  for (std::size_t i = from + 1; i < tube.x.size(); ++i) {
    const double run = tube.x[i] - tube.x[from];
    const double to_low = (tube.low[i] - y) / run;
    const double to_high = (tube.high[i] - y) / run;
    if (to_low > steepest) return {at_high, tube.high[at_high]};
    if (to_high < flattest) return {at_low, tube.low[at_low]};
    if (to_low >= flattest) flattest = to_low, at_low = i;
    if (to_high <= steepest) steepest = to_high, at_high = i;
  }
  return {tube.x.size() - 1, 1.0};
}

std::vector<double> taut_string(const Tube& tube) {
  std::vector<double> q;
  std::size_t from = 0;
  double y = 0.0;
  while (from + 1 < tube.x.size()) {
    const Bend bend = next_bend(tube, from, y);
    assert(bend.at > from);
    const double slope = (bend.y - y) / (tube.x[bend.at] - tube.x[from]);
    for (std::size_t i = from + 1; i <= bend.at; ++i) {
      q.push_back(slope * (tube.x[i] - tube.x[i - 1]));
    }
    from = bend.at;
    y = bend.y;
  }
  return q;
}

// Inside a box the projection is p / lambda, clamped; lambda makes the sum one.
std::vector<double> clamped(const NullSet& null, std::span<const double> p, double lambda) {
  std::vector<double> q(p.size());
  for (std::size_t j = 0; j < p.size(); ++j) {
    q[j] = std::clamp(p[j] / lambda, null.low[j], null.high[j]);
  }
  return q;
}

std::vector<double> project_on_box(const NullSet& null, std::span<const double> p) {
  double low = std::log(1e-12);
  double high = std::log(1e12);
  constexpr int kHalvings = 80;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    const std::vector<double> q = clamped(null, p, std::exp(middle));
    (std::accumulate(q.begin(), q.end(), 0.0) > 1.0 ? low : high) = middle;
  }
  return clamped(null, p, std::exp((low + high) / 2));
}

// Greedy: from the lower limits, the rest of the mass goes where the value is largest.
double largest_mean_in_box(const NullSet& null, std::span<const double> value) {
  std::vector<std::size_t> order(value.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return value[a] > value[b]; });
  double rest = 1.0 - std::accumulate(null.low.begin(), null.low.end(), 0.0);
  double mean = 0.0;
  for (const std::size_t j : order) {
    const double more = std::clamp(null.high[j] - null.low[j], 0.0, std::max(rest, 0.0));
    mean += (null.low[j] + more) * value[j];
    rest -= more;
  }
  return mean;
}

// Summed by parts, each cumulative sum stands alone and takes the limit that suits it.
double largest_mean_in_tube(const NullSet& null, std::span<const double> value) {
  double mean = value.back();
  for (std::size_t edge = 0; edge < null.low.size(); ++edge) {
    const double drop = value[edge] - value[edge + 1];
    mean += drop * (drop > 0.0 ? null.high[edge] : null.low[edge]);
  }
  return mean;
}

}  // namespace

void make_ascending(NullSet* ordered) {
  for (std::size_t i = 1; i < ordered->low.size(); ++i) {
    ordered->low[i] = std::max(ordered->low[i], ordered->low[i - 1]);
  }
  for (std::size_t i = ordered->high.size(); i-- > 1;) {
    ordered->high[i - 1] = std::min(ordered->high[i - 1], ordered->high[i]);
  }
}

std::vector<double> project(const NullSet& null, std::span<const double> p) {
  assert(p.size() == null.cells());
  assert(std::all_of(p.begin(), p.end(), [](double share) { return share > 0.0; }));
  return null.order == Order::kOrdered ? taut_string(tube_of(null, p)) : project_on_box(null, p);
}

double largest_mean(const NullSet& null, std::span<const double> value) {
  assert(value.size() == null.cells());
  return null.order == Order::kOrdered ? largest_mean_in_tube(null, value)
                                       : largest_mean_in_box(null, value);
}

std::vector<double> log_e_values(const NullSet& null, std::span<const double> p) {
  const std::vector<double> q = project(null, p);
  std::vector<double> e(p.size());
  for (std::size_t j = 0; j < p.size(); ++j) {
    e[j] = p[j] / std::max(q[j], std::numeric_limits<double>::min());
  }
  const double correction = std::log(std::max(1.0, largest_mean(null, e)));
  for (double& value : e) value = std::log(value) - correction;
  return e;
}

}  // namespace driftguard::alarm

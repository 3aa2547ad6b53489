// SPDX-License-Identifier: Apache-2.0
#include "stats/fisher.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cassert>
#include <cmath>

namespace driftguard::stats {
namespace {

double log_choose(double n, double k) {
  // Not std::lgamma: that writes to a variable of the process.
  using boost::math::lgamma;
  return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

// The margins of the table, and what is drawn: `k` of the first side's `n` trials, where `good` of
// all `n + m` are successes.
struct Table {
  double n;
  double m;
  double good;

  double log_probability(double k) const {
    return log_choose(n, k) + log_choose(m, good - k) - log_choose(n + m, good);
  }
  double least() const { return std::max(0.0, good - m); }
  double most() const { return std::min(n, good); }
};

// The probability of `k` and everything beyond it. Terms beyond the mode fall ever faster; those
// before it rise first, and end where they no longer count.
double tail(const Table& table, double k, bool upwards) {
  constexpr double kNegligible = 1e-17;
  double term = 1;
  double sum = 1;
  while (upwards ? k < table.most() : k > table.least()) {
    const double rising =
        upwards ? (table.n - k) * (table.good - k) : k * (table.m - table.good + k);
    const double falling = upwards ? (k + 1) * (table.m - table.good + k + 1)
                                   : (table.n - k + 1) * (table.good - k + 1);
    term *= rising / falling;
    sum += term;
    k += upwards ? 1 : -1;
    if (term < sum * kNegligible) break;
  }
  return sum;
}

}  // namespace

double fisher_p_value(Proportion first, Proportion second) {
  assert(first.successes <= first.trials && second.successes <= second.trials);
  if (first.trials == 0 || second.trials == 0) return 1;
  const Table table{static_cast<double>(first.trials), static_cast<double>(second.trials),
                    static_cast<double>(first.successes + second.successes)};
  const auto k = static_cast<double>(first.successes);
  // The smaller tail lies on the side of the mean where the observed count is: its terms fall.
  const bool upwards = k * (table.n + table.m) > table.n * table.good;
  const double p = 2 * std::exp(table.log_probability(k)) * tail(table, k, upwards);
  return p < 1e-300 ? 0 : std::min(p, 1.0);
}

}  // namespace driftguard::stats

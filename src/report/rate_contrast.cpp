// SPDX-License-Identifier: Apache-2.0
#include "report/rate_contrast.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace driftguard::report {
namespace {

constexpr std::uint64_t kExactMax = 2'000;

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// At least `seen` of the `drawn`, of `all` of which `marked` are marked.
double hypergeometric_tail(std::uint64_t seen, std::uint64_t drawn, std::uint64_t marked,
                           std::uint64_t all) {
  const auto n = static_cast<double>(drawn);
  const auto k = static_cast<double>(marked);
  const auto total = static_cast<double>(all);
  const double whole = log_choose(total, n);
  double sum = 0;
  for (std::uint64_t i = seen; i <= std::min(drawn, marked); ++i) {
    if (drawn - i > all - marked) continue;
    const auto x = static_cast<double>(i);
    sum += std::exp(log_choose(k, x) + log_choose(total - k, n - x) - whole);
  }
  return std::min(1.0, sum);
}

double normal_tail(const RateCounts& counts) {
  const auto n = static_cast<double>(counts.candidate.trials);
  const auto m = static_cast<double>(counts.control.trials);
  const double a = static_cast<double>(counts.candidate.successes) / n;
  const double b = static_cast<double>(counts.control.successes) / m;
  const double pooled = (a * n + b * m) / (n + m);
  const double deviation = std::sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  if (deviation <= 0) return 1;
  return 0.5 * std::erfc((a - b) / deviation / std::sqrt(2.0));
}

RateCounts mirrored(const RateCounts& counts) { return {counts.candidate, counts.control}; }

}  // namespace

double p_of_more(const RateCounts& counts) {
  assert(counts.control.trials >= 1 && counts.candidate.trials >= 1);
  const std::uint64_t marked = counts.control.successes + counts.candidate.successes;
  if (marked > kExactMax) return normal_tail(counts);
  return hypergeometric_tail(counts.candidate.successes, counts.candidate.trials, marked,
                             counts.control.trials + counts.candidate.trials);
}

double p_of_other(const RateCounts& counts) {
  return std::min(1.0, 2 * std::min(p_of_more(counts), p_of_more(mirrored(counts))));
}

stats::Interval difference_interval(const RateCounts& counts, double alpha) {
  const double z = stats::normal_quantile(1 - alpha / 2);
  const stats::Interval a = stats::wilson_interval(counts.candidate, z);
  const stats::Interval b = stats::wilson_interval(counts.control, z);
  const double p = static_cast<double>(counts.candidate.successes) /
                   static_cast<double>(counts.candidate.trials);
  const double q =
      static_cast<double>(counts.control.successes) / static_cast<double>(counts.control.trials);
  return {p - q - std::hypot(p - a.low, b.high - q), p - q + std::hypot(a.high - p, q - b.low)};
}

}  // namespace driftguard::report

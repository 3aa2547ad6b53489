// SPDX-License-Identifier: Apache-2.0
#include "load/latencies.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace driftguard::load {

std::size_t Latencies::step_of(std::int64_t us) {
  const auto value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(us, 0, kLargest));
  const int doubling = std::max(0, static_cast<int>(std::bit_width(value)) - kStepBits - 1);
  return static_cast<std::size_t>(doubling) * kSteps + (value >> doubling);
}

std::int64_t Latencies::upper_edge(std::size_t step) {
  const auto value = static_cast<std::int64_t>(step);
  if (value < 2 * kSteps) return value;
  const std::int64_t doubling = value / kSteps - 1;
  return ((value - doubling * kSteps + 1) << doubling) - 1;
}

void Latencies::add(std::int64_t us) {
  assert(step_of(us) < counts_.size());
  ++counts_[step_of(us)];
  ++count_;
  max_us_ = std::max(max_us_, us);
}

std::int64_t Latencies::quantile_us(double q) const {
  assert(q >= 0 && q <= 1);
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t step = 0; step < counts_.size(); ++step) {
    seen += counts_[step];
    if (seen > 0 && seen >= rank) return std::min(upper_edge(step), max_us_);
  }
  return 0;
}

}  // namespace driftguard::load

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace driftguard::load {

// How often which latency was seen: a histogram of fixed size whose steps are below 1 % of the
// value, from a microsecond to over an hour. Not thread-safe.
class Latencies final {
 public:
  void add(std::int64_t us);

  std::uint64_t count() const { return count_; }
  std::int64_t max_us() const { return max_us_; }

  // The latency that a share `q` of all stay at or below: the least upper edge of a step that
  // holds so many, so never below the truth. 0 where there is none.
  std::int64_t quantile_us(double q) const;

 private:
  // Values below 2 * kSteps are counted exactly; above, each doubling has kSteps steps.
  static constexpr int kStepBits = 7;
  static constexpr std::int64_t kSteps = 1 << kStepBits;
  static constexpr int kDoublings = 25;
  static constexpr std::int64_t kLargest = (2 * kSteps << (kDoublings - 1)) - 1;

  static std::size_t step_of(std::int64_t us);
  static std::int64_t upper_edge(std::size_t step);

  std::array<std::uint64_t, (kDoublings + 1) * kSteps> counts_{};
  std::uint64_t count_ = 0;
  std::int64_t max_us_ = 0;
};

}  // namespace driftguard::load

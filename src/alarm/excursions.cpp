// SPDX-License-Identifier: Apache-2.0
#include "alarm/excursions.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace driftguard::alarm {

void Excursions::add(double log_e) {
  sum_ += log_e;
  height_ = std::max(height_, sum_);
  if (sum_ <= 0.0) end();
}

void Excursions::end() {
  if (height_ > 0.0) heights_.push_back(height_);
  sum_ = 0.0;
  height_ = 0.0;
}

double Excursions::rate() {
  end();
  if (heights_.size() < kLeast) return 1.0;
  const auto kth = heights_.begin() + kHighest;
  std::nth_element(heights_.begin(), kth, heights_.end(), std::greater<>());
  double above = 0.0;
  for (auto at = heights_.begin(); at != kth; ++at) above += *at - *kth;
  constexpr auto kCount = static_cast<double>(kHighest);
  return std::min(1.0, (1.0 - 2.0 / std::sqrt(kCount)) * kCount / above);
}

}  // namespace driftguard::alarm

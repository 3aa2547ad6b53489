// SPDX-License-Identifier: Apache-2.0
#include "report/feature_side.h"

#include <algorithm>

namespace driftguard::report {

Presence presence(FeatureSide side, std::uint64_t n) {
  const std::uint64_t present = side.rollup == nullptr ? 0 : side.rollup->present();
  return {n, side.population - std::min(side.population, present), present - n};
}

const sketch::NumericSummary& numbers_of(FeatureSide side) {
  static const sketch::NumericSummary kNone;
  return side.rollup == nullptr ? kNone : side.rollup->numbers;
}

const sketch::CategoryCounts& texts_of(FeatureSide side) {
  static const sketch::CategoryCounts kNone;
  return side.rollup == nullptr ? kNone : side.rollup->texts;
}

std::optional<double> median_of(const sketch::NumericSummary& numbers) {
  if (numbers.count() == 0) return std::nullopt;
  return numbers.quantile(stats::kP50).value;
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// What every check of a feature is made from, and how it is treated.
#pragma once

#include <cstdint>
#include <optional>

#include "core/measure.h"
#include "rollup/rollup.h"

namespace driftguard::report {

// How much of a feature there is on one side.
struct Presence {
  std::uint64_t n = 0;           // Values of the feature's kind.
  std::uint64_t missing = 0;     // Events where it is absent or null.
  std::uint64_t mismatched = 0;  // Events where it is of another kind.
};

// A feature's rollup with the number of events in which it could have been present.
struct FeatureSide {
  const rollup::FeatureRollup* rollup = nullptr;  // Null: never seen.
  std::uint64_t population = 0;
};

// `n` values are of the feature's kind. Counts no other side's values.
Presence presence(FeatureSide side, std::uint64_t n);

// The numbers, and the texts, of a side; empty for a feature never seen.
const sketch::NumericSummary& numbers_of(FeatureSide side);
const sketch::CategoryCounts& texts_of(FeatureSide side);

std::optional<double> median_of(const sketch::NumericSummary& numbers);

// What a feature's rule says of its check.
struct Judging {
  Measure measure = Measure::kKs;
  std::optional<double> threshold;           // Else the configured one of the measure.
  std::optional<std::uint64_t> samples_min;  // Else the configured one.
  Direction direction = Direction::kBoth;
  bool critical = false;
  bool muted = false;
};

// What became of it.
struct Treatment {
  bool critical = false;
  bool muted = false;
  bool would_fail = false;  // Were it not muted: then `ok` is true all the same.
};

// Takes the verdict of a check that is muted, and leaves it told.
template <typename FeatureCheck>
void treat(const Judging& judging, FeatureCheck* check) {
  check->treatment = {judging.critical, judging.muted, judging.muted && !check->ok};
  check->ok = check->ok || judging.muted;
}

}  // namespace driftguard::report

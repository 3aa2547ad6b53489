// SPDX-License-Identifier: Apache-2.0
// The check of a feature by any measure but KS and PSI: a test (chi-square, Cramér-von Mises) or a
// distance (Jensen-Shannon, Hellinger, total variation, Wasserstein). Pure functions of two
// summaries; safe from any thread. docs/MEASURES.md is the same for people.
#pragma once

#include <cstdint>
#include <optional>

#include "report/feature_side.h"
#include "report/share_table.h"

namespace driftguard::report {

struct MeasureCheck {
  bool ok = true;
  bool insufficient_samples = false;
  bool insufficient_baseline = false;
  // Values inside the summaries' cells, or under __other__, could turn the verdict round.
  bool undecided_by_resolution = false;
  Treatment treatment;
  Measure measure = Measure::kWasserstein;
  Direction direction = Direction::kBoth;  // Wasserstein: only what moved that way is counted.
  bool numeric = false;
  Presence live;
  Presence baseline;
  double threshold = 0;  // The rule: of the p-value of a test, of the value of a distance.

  // The statistic of a test, the distance. Empty where it cannot be computed, or is infinite: the
  // Wasserstein distance from a baseline without spread.
  std::optional<double> value;
  // That of the raw values lies between; both are `value` for lossless summaries.
  std::optional<double> value_low;
  std::optional<double> value_high;
  std::optional<double> expected;  // Of Jensen-Shannon, Hellinger, total variation, without drift.

  // Of tests: of `value`, of `value_high`, of `value_low`.
  std::optional<double> p_value;
  std::optional<double> p_low;
  std::optional<double> p_high;

  // Of measures of shares.
  std::optional<ShareTable> table;
  std::optional<std::uint64_t> degrees;  // Chi-square's, of freedom.
  std::uint64_t sparse_cells = 0;        // Of which chi-square expects less than 5.

  // Of Wasserstein: value = distance / scale.
  std::optional<double> distance;  // In the feature's own unit.
  std::optional<double> scale;     // The baseline's standard deviation.

  // Of numbers.
  std::optional<double> live_median;
  std::optional<double> baseline_median;
};

struct MeasureRules {
  double chisquare_p_min = 0.05;
  double cramer_von_mises_p_min = 0.05;
  double jensenshannon_max = 0.1;
  double hellinger_max = 0.1;
  double tvd_max = 0.1;
  double wasserstein_max = 0.1;
  std::uint64_t samples_min = 50;     // On either side.
  std::size_t categories_max = 1000;  // As PsiRules.
};

// What is compared by a measure, and how. `judging.measure` is neither KS nor PSI (asserted).
// Either side may be null; `has_baseline` tells an empty one from none.
MeasureCheck check_measure(FeatureSide live, FeatureSide baseline, bool has_baseline, bool numeric,
                           const Judging& judging, const MeasureRules& rules);

// How large the difference is that a test found, in [0, 1], whatever the sample sizes: Cramér's V;
// the root mean square gap of the distribution functions. Empty for distances and without a value.
std::optional<double> effect_of(const MeasureCheck& check);

// The statistic of a test beyond which it fails; the threshold of a distance.
std::optional<double> limit_of(const MeasureCheck& check);

}  // namespace driftguard::report

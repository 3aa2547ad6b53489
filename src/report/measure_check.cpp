// SPDX-License-Identifier: Apache-2.0
#include "report/measure_check.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "report/pooled.h"
#include "stats/chi_square.h"
#include "stats/cramer_von_mises.h"
#include "stats/hellinger.h"
#include "stats/jensen_shannon.h"
#include "stats/psi.h"
#include "stats/total_variation.h"
#include "stats/wasserstein.h"

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

double threshold_of(Measure measure, const MeasureRules& rules) {
  switch (measure) {
    case Measure::kChiSquare:
      return rules.chisquare_p_min;
    case Measure::kCramerVonMises:
      return rules.cramer_von_mises_p_min;
    case Measure::kJensenShannon:
      return rules.jensenshannon_max;
    case Measure::kHellinger:
      return rules.hellinger_max;
    case Measure::kTvd:
      return rules.tvd_max;
    case Measure::kWasserstein:
      return rules.wasserstein_max;
    case Measure::kKs:
    case Measure::kPsi:
      break;
  }
  assert(false);
  return 0;
}

using ShareMeasure = Result<stats::ShareDistance> (*)(std::span<const std::uint64_t>,
                                                      std::span<const std::uint64_t>);

// Null for a measure that is no distance of shares.
ShareMeasure share_measure(Measure measure) {
  switch (measure) {
    case Measure::kJensenShannon:
      return stats::jensen_shannon;
    case Measure::kHellinger:
      return stats::hellinger;
    case Measure::kTvd:
      return stats::total_variation;
    case Measure::kKs:
    case Measure::kPsi:
    case Measure::kChiSquare:
    case Measure::kWasserstein:
    case Measure::kCramerVonMises:
      break;
  }
  return nullptr;
}

// The table with __other__ taken apart, as if the sides had none of its categories in common:
// farther apart than any categories under it can be, as merging ones never adds to a distance.
ShareTable taken_apart(ShareTable table) {
  const auto live = table.live_counts.find(kOtherCategory);
  const auto baseline = table.baseline_counts.find(kOtherCategory);
  if (live == table.live_counts.end() || baseline == table.baseline_counts.end()) return table;
  for (std::size_t k = 0; k < table.live.size(); ++k) {
    if (table.live[k] != live->second || table.baseline[k] != baseline->second) continue;
    table.baseline[k] = 0;
    table.live.push_back(0);
    table.baseline.push_back(baseline->second);
    break;
  }
  return table;
}

void measure_shares(MeasureCheck* check) {
  const ShareTable& table = *check->table;
  if (check->measure == Measure::kChiSquare) {
    const auto test = stats::chi_square_test(table.live, table.baseline);
    if (!test) return;  // A side counts nothing.
    check->value = check->value_low = check->value_high = test->statistic;
    check->p_value = check->p_low = check->p_high = test->p_value;
    check->degrees = test->degrees;
    check->sparse_cells = test->sparse;
    return;
  }
  const ShareMeasure measure = share_measure(check->measure);
  const auto distance = measure(table.live, table.baseline);
  if (!distance) return;
  check->value = check->value_low = check->value_high = distance->value;
  check->expected = distance->expected;
  if (check->numeric || !table.live_counts.contains(kOtherCategory)) return;
  const ShareTable apart = taken_apart(table);
  check->value_high = std::max(distance->value, measure(apart.live, apart.baseline)->value);
}

void measure_cramer_von_mises(const NumericSummary& live, const NumericSummary& baseline,
                              MeasureCheck* check) {
  const auto found = stats::cramer_von_mises(pool(live, baseline).cells);
  if (!found) return;
  const auto p_of = [&](double t) { return stats::cramer_von_mises_p(t, found->m, found->n); };
  check->value = found->statistic;
  check->value_low = found->low;
  check->value_high = found->high;
  check->p_value = p_of(found->statistic);
  check->p_low = found->high == found->statistic ? check->p_value : p_of(found->high);
  check->p_high = found->low == found->statistic ? check->p_value : p_of(found->low);
}

// Cells hold no value beyond the extremes of both sides.
std::vector<stats::IntervalCount> intervals_of(const NumericSummary& live,
                                               const NumericSummary& baseline) {
  const Pooled pooled = pool(live, baseline);
  const bool alone = live.count() == 0;
  const double least = alone ? baseline.min() : std::min(live.min(), baseline.min());
  const double most = alone ? baseline.max() : std::max(live.max(), baseline.max());
  std::vector<stats::IntervalCount> intervals;
  intervals.reserve(pooled.cells.size());
  for (std::size_t i = 0; i < pooled.cells.size(); ++i) {
    const sketch::CellBounds bounds = pooled.bounds(i);
    intervals.push_back({std::clamp(bounds.low, least, most), std::clamp(bounds.high, least, most),
                         pooled.cells[i].live, pooled.cells[i].baseline});
  }
  return intervals;
}

double moved(const stats::Wasserstein& found, Direction direction) {
  switch (direction) {
    case Direction::kBoth:
      return found.distance;
    case Direction::kIncrease:
      return found.increase;
    case Direction::kDecrease:
      return found.decrease;
  }
  return found.distance;
}

void measure_wasserstein(const NumericSummary& live, const NumericSummary& baseline,
                         MeasureCheck* check) {
  if (live.count() == 0 || baseline.count() == 0) return;
  const auto found = stats::wasserstein(intervals_of(live, baseline));
  // The baseline by itself may have finer cells than both together.
  const stats::Spread spread = stats::spread_of_baseline(intervals_of({}, baseline));
  const double distance = moved(*found, check->direction);
  check->distance = finite(distance);
  check->scale = finite(spread.deviation);
  const auto ratio = [](double part, double whole) {
    return part == 0 ? std::optional(0.0) : finite(part / whole);
  };
  check->value = ratio(distance, spread.deviation);
  check->value_low = ratio(std::max(0.0, distance - found->error), spread.deviation + spread.error);
  check->value_high =
      ratio(distance + found->error, std::max(0.0, spread.deviation - spread.error));
}

// A distance that is too large for a number, or in units of no spread, is beyond any threshold.
bool exceeds(const std::optional<double>& value, double threshold) {
  return !value || *value > threshold;
}

void judge(MeasureCheck* check) {
  const double threshold = check->threshold;
  bool could_fail = false;
  bool could_pass = false;
  if (is_test(check->measure)) {
    if (!check->p_value) return;
    check->ok = !(*check->p_value < threshold);
    could_fail = *check->p_low < threshold;
    could_pass = !(*check->p_high < threshold);
  } else {
    check->ok = !exceeds(check->value, threshold);
    could_fail = exceeds(check->value_high, threshold);
    could_pass = !exceeds(check->value_low, threshold);
  }
  check->undecided_by_resolution = check->ok ? could_fail : could_pass;
}

}  // namespace

MeasureCheck check_measure(FeatureSide live, FeatureSide baseline, bool has_baseline, bool numeric,
                           const Judging& judging, const MeasureRules& rules) {
  const NumericSummary& live_numbers = numbers_of(live);
  const NumericSummary& baseline_numbers = numbers_of(baseline);
  MeasureCheck check;
  check.measure = judging.measure;
  check.direction = judging.direction;
  check.numeric = numeric;
  check.threshold = judging.threshold.value_or(threshold_of(judging.measure, rules));
  if (!needs_numbers(judging.measure)) {
    check.table = numeric ? table_of_numbers(live, baseline)
                          : table_of_categories(live, baseline, rules.categories_max);
    measure_shares(&check);
  } else if (judging.measure == Measure::kWasserstein) {
    measure_wasserstein(live_numbers, baseline_numbers, &check);
  } else {
    measure_cramer_von_mises(live_numbers, baseline_numbers, &check);
  }
  if (numeric) {
    check.live_median = median_of(live_numbers);
    check.baseline_median = median_of(baseline_numbers);
  }
  check.live = presence(live, numeric ? live_numbers.count() : check.table->live_n);
  check.baseline = presence(baseline, numeric ? baseline_numbers.count() : check.table->baseline_n);
  const std::uint64_t needed = judging.samples_min.value_or(rules.samples_min);
  check.insufficient_baseline = !has_baseline;
  check.insufficient_samples = check.live.n < needed || (has_baseline && check.baseline.n < needed);
  if (check.insufficient_baseline || check.insufficient_samples) return check;
  judge(&check);
  return check;
}

std::optional<double> effect_of(const MeasureCheck& check) {
  if (!check.value || !is_test(check.measure)) return std::nullopt;
  const auto n = static_cast<double>(check.live.n);
  const auto m = static_cast<double>(check.baseline.n);
  if (check.measure == Measure::kChiSquare) {
    return stats::cramers_v(*check.value, check.live.n, check.baseline.n);
  }
  return std::min(1.0, std::sqrt(std::max(0.0, *check.value) * (n + m) / (n * m)));
}

std::optional<double> limit_of(const MeasureCheck& check) {
  if (!is_test(check.measure)) return check.threshold;
  if (!check.value || check.threshold <= 0 || check.threshold >= 1) return std::nullopt;
  if (check.measure == Measure::kChiSquare) {
    return stats::chi_square_isf(check.threshold, *check.degrees);
  }
  return stats::cramer_von_mises_isf(check.threshold, check.baseline.n, check.live.n);
}

}  // namespace driftguard::report

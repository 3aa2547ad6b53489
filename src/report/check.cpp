// SPDX-License-Identifier: Apache-2.0
#include "report/check.h"

#include "report/pooled.h"
#include "stats/ks.h"
#include "stats/proportion.h"
#include "stats/psi.h"
#include "stats/quantile.h"

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

stats::Alternative alternative_of(Direction direction) {
  switch (direction) {
    case Direction::kBoth:
      return stats::Alternative::kTwoSided;
    case Direction::kIncrease:
      return stats::Alternative::kLess;  // F_live lies below: its values are larger.
    case Direction::kDecrease:
      return stats::Alternative::kGreater;
  }
  return stats::Alternative::kTwoSided;
}

void measure_ks(const NumericSummary& live, const NumericSummary& baseline, KsCheck* check) {
  const Pooled pooled = pool(live, baseline);
  const stats::Alternative alternative = alternative_of(check->direction);
  const Result<stats::KsBracket> bracket = stats::ks_bracket(pooled.cells, alternative);
  if (!bracket) return;  // A side counts nothing.
  const auto p_of = alternative == stats::Alternative::kTwoSided ? stats::ks_p_value
                                                                 : stats::ks_p_value_one_sided;
  const stats::KsPValue p = p_of(bracket->t_low, bracket->m, bracket->n);
  check->d = bracket->d_low;
  check->d_error = bracket->d_high - bracket->d_low;
  check->p_value = p.p;
  check->exact_p = p.method == stats::KsMethod::kExact;
  check->p_low =
      bracket->t_high == bracket->t_low ? p.p : p_of(bracket->t_high, bracket->m, bracket->n).p;
  check->at = pooled.upper(bracket->cell);
}

void measure_psi(const ShareTable& table, const PsiRules& rules, PsiCheck* check) {
  check->new_categories = table.new_categories;
  check->vanished_categories = table.vanished_categories;
  stats::PsiOptions options;
  options.floor = rules.floor;
  const Result<stats::PsiTest> test = stats::psi_test(table.live, table.baseline, options);
  if (!test) return;  // A side counts nothing.
  check->psi = test->psi;
  check->p_value = test->p_value;
  check->expected = test->expected;
}

PsiCheck check_table(const ShareTable& table, FeatureSide live, FeatureSide baseline,
                     bool has_baseline, const PsiRules& rules) {
  PsiCheck check;
  check.psi_max = rules.psi_max;
  check.live = presence(live, table.live_n);
  check.baseline = presence(baseline, table.baseline_n);
  check.live_counts = table.live_counts;
  check.baseline_counts = table.baseline_counts;
  check.edges = table.edges;
  check.insufficient_baseline = !has_baseline;
  check.insufficient_samples =
      check.live.n < rules.samples_min || (has_baseline && check.baseline.n < rules.samples_min);
  if (check.insufficient_baseline || check.live.n == 0 || check.baseline.n == 0) return check;
  measure_psi(table, rules, &check);
  if (check.insufficient_samples) return check;
  check.ok = !check.psi || *check.psi <= rules.psi_max;
  return check;
}

}  // namespace

KsCheck check_ks(FeatureSide live, FeatureSide baseline, bool has_baseline, const KsRules& rules) {
  const NumericSummary& live_numbers = numbers_of(live);
  const NumericSummary& baseline_numbers = numbers_of(baseline);
  KsCheck check;
  check.p_min = rules.p_min;
  check.direction = rules.direction;
  check.live = presence(live, live_numbers.count());
  check.baseline = presence(baseline, baseline_numbers.count());
  check.live_median = median_of(live_numbers);
  check.baseline_median = median_of(baseline_numbers);
  check.insufficient_baseline = !has_baseline;
  check.insufficient_samples =
      check.live.n < rules.samples_min || (has_baseline && check.baseline.n < rules.samples_min);
  measure_ks(live_numbers, baseline_numbers, &check);
  if (check.insufficient_baseline || check.insufficient_samples || !check.p_value) return check;
  check.ok = !(*check.p_value < rules.p_min);
  check.undecided_by_resolution = check.ok && *check.p_low < rules.p_min;
  return check;
}

PsiCheck check_psi(FeatureSide live, FeatureSide baseline, bool has_baseline,
                   const PsiRules& rules) {
  return check_table(table_of_categories(live, baseline, rules.categories_max), live, baseline,
                     has_baseline, rules);
}

PsiCheck check_psi_of_numbers(FeatureSide live, FeatureSide baseline, bool has_baseline,
                              const PsiRules& rules) {
  return check_table(table_of_numbers(live, baseline), live, baseline, has_baseline, rules);
}

SuccessRateCheck check_success_rate(const rollup::Rollup& live, double min) {
  SuccessRateCheck check;
  check.min = min;
  check.total = live.with_status();
  if (check.total == 0) {
    check.insufficient_samples = true;
    return check;
  }
  check.success_rate = static_cast<double>(live.successes()) / static_cast<double>(check.total);
  const stats::Interval interval = stats::wilson_interval({live.successes(), check.total});
  check.low = interval.low;
  check.high = interval.high;
  check.ok = *check.success_rate >= min;
  return check;
}

LatencyCheck check_latency(const rollup::Rollup& live, double max) {
  LatencyCheck check;
  check.max = max;
  check.live_n = live.latency_ms.count();
  if (check.live_n == 0) {
    check.insufficient_samples = true;
    return check;
  }
  const sketch::Estimate p95 = live.latency_ms.quantile(stats::kP95);
  check.p95 = p95.value;
  check.p95_error = (p95.high - p95.low) / 2;
  check.ok = p95.value <= max;
  const stats::RankInterval ranks = stats::quantile_rank_interval(stats::kP95, check.live_n);
  if (ranks.lower >= 1) check.low = live.latency_ms.at_rank(ranks.lower).low;
  if (ranks.upper <= check.live_n) check.high = live.latency_ms.at_rank(ranks.upper).high;
  return check;
}

bool is_ok(const Check& check) {
  return std::visit([](const auto& c) { return c.ok; }, check);
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "report/check.h"

#include <algorithm>
#include <set>

#include "report/pooled.h"
#include "stats/ks.h"
#include "stats/proportion.h"
#include "stats/psi.h"
#include "stats/quantile.h"

namespace driftguard::report {
namespace {

using sketch::CategoryCounts;
using sketch::NumericSummary;

Presence presence(FeatureSide side, std::uint64_t n) {
  const std::uint64_t present = side.rollup == nullptr ? 0 : side.rollup->present();
  return {n, side.population - std::min(side.population, present), present - n};
}

std::optional<double> median(const NumericSummary& numbers) {
  if (numbers.count() == 0) return std::nullopt;
  return numbers.quantile(stats::kP50).value;
}

void measure_ks(const NumericSummary& live, const NumericSummary& baseline, KsCheck* check) {
  const Pooled pooled = pool(live, baseline);
  const Result<stats::KsBracket> bracket = stats::ks_bracket(pooled.cells);
  if (!bracket) return;  // A side counts nothing.
  const stats::KsPValue p = stats::ks_p_value(bracket->t_low, bracket->m, bracket->n);
  check->d = bracket->d_low;
  check->d_error = bracket->d_high - bracket->d_low;
  check->p_value = p.p;
  check->exact_p = p.method == stats::KsMethod::kExact;
  check->p_low = bracket->t_high == bracket->t_low
                     ? p.p
                     : stats::ks_p_value(bracket->t_high, bracket->m, bracket->n).p;
  check->at = pooled.upper(bracket->cell);
}

const NumericSummary& numbers_of(FeatureSide side) {
  static const NumericSummary kNone;
  return side.rollup == nullptr ? kNone : side.rollup->numbers;
}
const CategoryCounts& texts_of(FeatureSide side) {
  static const CategoryCounts kNone;
  return side.rollup == nullptr ? kNone : side.rollup->texts;
}

using Counts = std::map<std::string, std::uint64_t>;

Counts counts_of(const CategoryCounts& texts) {
  Counts counts;
  for (const sketch::Category& category : texts.categories()) {
    counts[category.name] = category.count;
  }
  return counts;
}

// The names compared one by one: the heaviest of the baseline, and the heaviest newcomers.
std::set<std::string> compared_names(const Counts& live, const Counts& baseline, std::size_t most) {
  std::vector<std::pair<std::uint64_t, std::string>> ranked;
  for (const auto& [name, count] : baseline) ranked.emplace_back(count, name);
  const auto heavier = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::sort(ranked.begin(), ranked.end(), heavier);
  const std::size_t old_names = ranked.size();
  for (const auto& [name, count] : live) {
    if (!baseline.contains(name)) ranked.emplace_back(count, name);
  }
  std::sort(ranked.begin() + static_cast<std::ptrdiff_t>(old_names), ranked.end(), heavier);
  // A tenth of the places is for newcomers, if there are more names than places.
  const std::size_t newcomers = ranked.size() - old_names;
  const std::size_t for_new =
      std::min(newcomers, std::max(most / 10, most - std::min(most, old_names)));
  const std::size_t for_old = std::min(old_names, most - for_new);
  std::set<std::string> names;
  for (std::size_t i = 0; i < for_old; ++i) names.insert(ranked[i].second);
  for (std::size_t i = 0; i < for_new; ++i) names.insert(ranked[old_names + i].second);
  return names;
}

// Counts of the named categories; the others and `unnamed` under __other__.
Counts folded(const Counts& counts, const std::set<std::string>& names, std::uint64_t unnamed) {
  Counts kept;
  std::uint64_t other = unnamed;
  for (const auto& [name, count] : counts) {
    if (names.contains(name)) {
      kept[name] += count;
    } else {
      other += count;
    }
  }
  if (other > 0) kept[kOtherCategory] += other;
  return kept;
}

void measure_psi(const PsiRules& rules, PsiCheck* check) {
  std::vector<std::uint64_t> live;
  std::vector<std::uint64_t> baseline;
  Counts all = check->live_counts;
  all.insert(check->baseline_counts.begin(), check->baseline_counts.end());
  for (const auto& [name, ignored] : all) {
    const auto a = check->live_counts.find(name);
    const auto e = check->baseline_counts.find(name);
    live.push_back(a == check->live_counts.end() ? 0 : a->second);
    baseline.push_back(e == check->baseline_counts.end() ? 0 : e->second);
    if (baseline.back() == 0) check->new_categories.push_back(name);
    if (live.back() == 0) check->vanished_categories.push_back(name);
  }
  stats::PsiOptions options;
  options.floor = rules.floor;
  const Result<stats::PsiTest> test = stats::psi_test(live, baseline, options);
  if (!test) return;  // A side counts nothing.
  check->psi = test->psi;
  check->p_value = test->p_value;
  check->expected = test->expected;
}

}  // namespace

KsCheck check_ks(FeatureSide live, FeatureSide baseline, bool has_baseline, const KsRules& rules) {
  const NumericSummary& live_numbers = numbers_of(live);
  const NumericSummary& baseline_numbers = numbers_of(baseline);
  KsCheck check;
  check.p_min = rules.p_min;
  check.live = presence(live, live_numbers.count());
  check.baseline = presence(baseline, baseline_numbers.count());
  check.live_median = median(live_numbers);
  check.baseline_median = median(baseline_numbers);
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
  // Both sides at one level of sampling, so that a name is kept on both or on neither.
  const int level = std::max(texts_of(live).level(), texts_of(baseline).level());
  const CategoryCounts live_texts = texts_of(live).sampled(level);
  const CategoryCounts baseline_texts = texts_of(baseline).sampled(level);
  PsiCheck check;
  check.psi_max = rules.psi_max;
  check.live = presence(live, live_texts.count());
  check.baseline = presence(baseline, baseline_texts.count());
  const Counts live_counts = counts_of(live_texts);
  const Counts baseline_counts = counts_of(baseline_texts);
  const auto names = compared_names(live_counts, baseline_counts, rules.categories_max);
  check.live_counts = folded(live_counts, names, live_texts.other());
  check.baseline_counts = folded(baseline_counts, names, baseline_texts.other());
  check.insufficient_baseline = !has_baseline;
  check.insufficient_samples = check.live.n == 0 || (has_baseline && check.baseline.n == 0);
  if (check.insufficient_baseline || check.insufficient_samples) return check;
  measure_psi(rules, &check);
  check.ok = !check.psi || *check.psi <= rules.psi_max;
  return check;
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

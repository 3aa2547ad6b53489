// SPDX-License-Identifier: Apache-2.0
#include "report/contrast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/rate_contrast.h"
#include "report/share_table.h"
#include "stats/chi_square.h"
#include "stats/psi.h"

namespace driftguard::report {
namespace {

// What a contrast needs to know of its data once the number of tests is known.
struct Draft {
  Contrast contrast;
  std::optional<RateCounts> rates;  // Of rates.
  std::optional<ShareTable> table;  // Of categories.
  double d_error = 0;               // Of gaps.
  bool listed = true;               // Else it only counts as a test.
};

std::uint64_t samples_min(const FeaturePair& pair, const ContrastRules& rules) {
  return pair.judging.samples_min.value_or(rules.samples_min);
}

bool enough(const Contrast& contrast, std::uint64_t least) {
  return contrast.control_n >= least && contrast.candidate_n >= least;
}

void measure_gap(const FeatureSide& live, const FeatureSide& baseline, Direction direction,
                 Draft* draft) {
  const KsCheck check = check_ks(live, baseline, true, {0, 0, direction});
  Contrast& contrast = draft->contrast;
  contrast.difference = check.d;
  contrast.p_value = check.p_value;
  draft->d_error = check.d_error;
  if (check.at) contrast.where = fmt::format("up to {}", *check.at);
}

Draft numbers_of_pair(const FeaturePair& pair, const ContrastRules& rules) {
  Draft draft;
  Contrast& contrast = draft.contrast;
  contrast.kind = ContrastKind::kNumbers;
  contrast.control_n = numbers_of(pair.baseline).count();
  contrast.candidate_n = numbers_of(pair.live).count();
  contrast.control = median_of(numbers_of(pair.baseline));
  contrast.candidate = median_of(numbers_of(pair.live));
  contrast.tolerance = rules.tolerance;
  if (enough(contrast, samples_min(pair, rules))) {
    measure_gap(pair.live, pair.baseline, pair.judging.direction, &draft);
  }
  return draft;
}

// Categories of which too few are expected count together: chi-square is a limit law.
double p_of_shares(const ShareTable& table) {
  constexpr double kExpectedMin = 5;
  const auto all = static_cast<double>(table.live_n + table.baseline_n);
  const auto less = static_cast<double>(std::min(table.live_n, table.baseline_n));
  std::vector<std::uint64_t> live{0};
  std::vector<std::uint64_t> baseline{0};
  for (std::size_t i = 0; i < table.live.size(); ++i) {
    const auto both = static_cast<double>(table.live[i] + table.baseline[i]);
    if (both * less / all < kExpectedMin) {
      live.front() += table.live[i];
      baseline.front() += table.baseline[i];
    } else {
      live.push_back(table.live[i]);
      baseline.push_back(table.baseline[i]);
    }
  }
  const Result<stats::ChiSquareTest> test = stats::chi_square_test(live, baseline);
  return test ? test->p_value : 1;
}

double share(std::uint64_t count, std::uint64_t n) {
  return static_cast<double>(count) / static_cast<double>(n);
}

Draft categories_of_pair(const FeaturePair& pair, const ContrastRules& rules) {
  Draft draft;
  Contrast& contrast = draft.contrast;
  ShareTable table = table_of_categories(pair.live, pair.baseline, rules.categories_max);
  contrast.kind = ContrastKind::kCategories;
  contrast.control_n = table.baseline_n;
  contrast.candidate_n = table.live_n;
  contrast.tolerance = rules.tolerance;
  if (!enough(contrast, std::max<std::uint64_t>(1, samples_min(pair, rules)))) return draft;
  contrast.p_value = p_of_shares(table);
  stats::PsiOptions options;
  options.floor = rules.psi_floor;
  const Result<stats::PsiTest> psi = stats::psi_test(table.live, table.baseline, options);
  if (psi) contrast.psi = psi->psi;
  Counts names = table.live_counts;
  names.insert(table.baseline_counts.begin(), table.baseline_counts.end());
  std::size_t i = 0;
  for (const auto& [name, ignored] : names) {  // In the table's order.
    const double candidate = share(table.live[i], table.live_n);
    const double control = share(table.baseline[i++], table.baseline_n);
    const double gap = std::abs(candidate - control);
    contrast.moved = contrast.moved.value_or(0) + gap / 2;
    if (contrast.difference && gap <= *contrast.difference) continue;
    contrast.difference = gap;
    contrast.control = control;
    contrast.candidate = candidate;
    contrast.where = name;
  }
  draft.table = std::move(table);
  return draft;
}

Draft rates_of(RateCounts counts, ContrastKind kind, const ContrastRules& rules,
               std::uint64_t least) {
  Draft draft;
  Contrast& contrast = draft.contrast;
  contrast.kind = kind;
  contrast.control_n = counts.control.trials;
  contrast.candidate_n = counts.candidate.trials;
  contrast.tolerance = rules.rate_tolerance;
  if (!enough(contrast, std::max<std::uint64_t>(1, least))) return draft;
  contrast.control = share(counts.control.successes, counts.control.trials);
  contrast.candidate = share(counts.candidate.successes, counts.candidate.trials);
  contrast.difference = *contrast.candidate - *contrast.control;
  contrast.p_value = kind == ContrastKind::kSuccessRate ? p_of_more(counts) : p_of_other(counts);
  draft.rates = counts;
  return draft;
}

Draft missing_of_pair(const FeaturePair& pair, const ContrastRules& rules) {
  const auto counts = [](const FeatureSide& side) {
    const Presence seen = presence(side, 0);
    return stats::Proportion{std::min(seen.missing, side.population), side.population};
  };
  Draft draft = rates_of({counts(pair.baseline), counts(pair.live)}, ContrastKind::kMissing, rules,
                         samples_min(pair, rules));
  draft.listed =
      draft.rates && (draft.rates->control.successes > 0 || draft.rates->candidate.successes > 0);
  return draft;
}

void add_feature(const FeaturePair& pair, const ContrastRules& rules, std::vector<Draft>* drafts) {
  for (const bool missing : {false, true}) {
    Draft draft = missing                                  ? missing_of_pair(pair, rules)
                  : pair.kind == FeatureKind::kCategorical ? categories_of_pair(pair, rules)
                                                           : numbers_of_pair(pair, rules);
    draft.contrast.name = pair.name + (missing ? "_missing" : "");
    draft.contrast.critical = pair.judging.critical;
    draft.contrast.muted = pair.judging.muted;
    drafts->push_back(std::move(draft));
  }
}

void add_service(const Comparison& comparison, const ContrastRules& rules,
                 std::vector<Draft>* drafts) {
  const rollup::Rollup& control = comparison.baseline();
  const rollup::Rollup& candidate = comparison.live();
  const auto failures = [](const rollup::Rollup& side) {
    return stats::Proportion{side.with_status() - side.successes(), side.with_status()};
  };
  drafts->push_back(rates_of({failures(control), failures(candidate)}, ContrastKind::kSuccessRate,
                             rules, rules.samples_min));
  drafts->back().contrast.name = "failures";
  Draft draft;
  Contrast& contrast = draft.contrast;
  contrast.name = "latency";
  contrast.kind = ContrastKind::kLatency;
  contrast.tolerance = rules.tolerance;
  contrast.control_n = control.latency_ms.count();
  contrast.candidate_n = candidate.latency_ms.count();
  if (contrast.control_n > 0) contrast.control = control.latency_ms.quantile(stats::kP95).value;
  if (contrast.candidate_n > 0) {
    contrast.candidate = candidate.latency_ms.quantile(stats::kP95).value;
  }
  if (enough(contrast, rules.samples_min)) {
    rollup::FeatureRollup live;
    rollup::FeatureRollup baseline;
    live.numbers = candidate.latency_ms;
    baseline.numbers = control.latency_ms;
    measure_gap({&live, contrast.candidate_n}, {&baseline, contrast.control_n},
                Direction::kIncrease, &draft);
  }
  drafts->push_back(std::move(draft));
}

// How far an empirical distribution function may lie from the true one anywhere, but for a chance
// of `alpha` (Massart 1990).
double reach(std::uint64_t n, double alpha) {
  return std::sqrt(std::log(2 / alpha) / (2 * static_cast<double>(n)));
}

void bound_gap(double alpha, double d_error, Contrast* contrast) {
  const double both =
      reach(contrast->control_n, alpha / 2) + reach(contrast->candidate_n, alpha / 2);
  contrast->low = std::max(0.0, *contrast->difference - both);
  contrast->high = std::min(1.0, *contrast->difference + d_error + both);
}

// Each share's difference has its own interval, all of them together `alpha`.
void bound_shares(double alpha, const ShareTable& table, Contrast* contrast) {
  const double each = alpha / static_cast<double>(std::max<std::size_t>(1, table.live.size()));
  double low = 0;
  double high = 0;
  for (std::size_t i = 0; i < table.live.size(); ++i) {
    const stats::Interval interval = difference_interval(
        {{table.baseline[i], table.baseline_n}, {table.live[i], table.live_n}}, each);
    low = std::max({low, interval.low, -interval.high});
    high = std::max({high, interval.high, -interval.low});
  }
  contrast->low = low;
  contrast->high = high;
}

void bound(const Draft& draft, double alpha, Contrast* contrast) {
  if (draft.rates) {
    const stats::Interval interval = difference_interval(*draft.rates, alpha);
    contrast->low = interval.low;
    contrast->high = interval.high;
  } else if (draft.table) {
    bound_shares(alpha, *draft.table, contrast);
  } else {
    bound_gap(alpha, draft.d_error, contrast);
  }
}

// Many categories may each change a little, so what moved in all counts; and a rare category may
// come or go without meaning much, so PSI has to see it, too.
bool exceeds(const Contrast& contrast) {
  if (!contrast.moved) return std::abs(*contrast.difference) > contrast.tolerance;
  return *contrast.moved > contrast.tolerance && contrast.psi.value_or(0) >= kPsiSmall;
}

Outcome judged(const Contrast& contrast, const ContrastRules& rules) {
  if (*contrast.p_adjusted >= 1 - rules.confidence) return Outcome::kPass;
  return exceeds(contrast) ? Outcome::kFail : Outcome::kMarginal;
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kMarginal:
      return "marginal";
    case Outcome::kFail:
      return "fail";
    case Outcome::kNotEnoughData:
      return "not_enough_data";
  }
  return "";
}

std::string_view contrast_kind_name(ContrastKind kind) {
  switch (kind) {
    case ContrastKind::kNumbers:
      return "numbers";
    case ContrastKind::kCategories:
      return "categories";
    case ContrastKind::kMissing:
      return "missing";
    case ContrastKind::kSuccessRate:
      return "failures";
    case ContrastKind::kLatency:
      return "latency";
  }
  return "";
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double least = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    least = std::max(least, std::min(1.0, left * p_values[order[i]]));
    adjusted[order[i]] = least;
  }
  return adjusted;
}

Outcome Contrasts::outcome() const {
  Outcome gravest = Outcome::kNotEnoughData;
  for (const Contrast& one : list) {
    if (one.muted || one.outcome == Outcome::kNotEnoughData) continue;
    if (gravest == Outcome::kNotEnoughData || one.outcome > gravest) gravest = one.outcome;
  }
  return gravest;
}

Contrasts contrast(const Comparison& comparison, const ContrastRules& rules) {
  std::vector<Draft> drafts;
  for (const FeaturePair& pair : comparison.features()) add_feature(pair, rules, &drafts);
  add_service(comparison, rules, &drafts);
  Contrasts made{rules, 0, {}};
  std::vector<double> p_values;
  for (const Draft& draft : drafts) {
    if (draft.contrast.p_value && !draft.contrast.muted)
      p_values.push_back(*draft.contrast.p_value);
  }
  made.tests = p_values.size();
  const std::vector<double> adjusted = holm(p_values);
  const double alpha = 1 - rules.confidence;
  const double each =
      alpha / rules.looks / static_cast<double>(std::max<std::size_t>(1, made.tests));
  std::size_t next = 0;
  for (Draft& draft : drafts) {
    Contrast& one = draft.contrast;
    if (one.p_value) {
      const double holms = one.muted ? *one.p_value : adjusted[next++];
      one.p_adjusted = std::min(1.0, holms * rules.looks);
      bound(draft, each, &one);
      one.outcome = judged(one, rules);
    }
    if (draft.listed) made.list.push_back(std::move(one));
  }
  return made;
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// Checks: one test each, with its verdict and what it rests on. Pure functions of two summaries;
// safe from any thread. Values that cannot be computed are empty and become null in JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "report/feature_side.h"
#include "report/measure_check.h"
#include "report/schema_check.h"
#include "report/share_table.h"
#include "rollup/rollup.h"

namespace driftguard::report {

// Two-sample Kolmogorov-Smirnov, SciPy's conventions (stats/ks.h). With a direction: its one-sided
// form, which looks at the values that became larger (increase), or smaller, alone.
struct KsCheck {
  bool ok = true;
  bool insufficient_samples = false;
  bool insufficient_baseline = false;
  // Some arrangement of values inside the summaries' cells would turn the verdict round.
  bool undecided_by_resolution = false;
  Treatment treatment;
  Direction direction = Direction::kBoth;
  Presence live;
  Presence baseline;
  double p_min = 0;               // The rule.
  std::optional<double> d;        // The least the cells allow; exact while d_error is 0.
  double d_error = 0;             // d is at most this much larger.
  std::optional<double> p_value;  // Of d.
  std::optional<double> p_low;    // Of d + d_error.
  bool exact_p = false;           // By lattice paths; else SciPy's asymptotic.
  std::optional<double> at;       // The value where the gap is reached.
  std::optional<double> live_median;
  std::optional<double> baseline_median;
};

struct KsRules {
  double p_min = 0.05;
  std::uint64_t samples_min = 50;  // On either side.
  Direction direction = Direction::kBoth;
};

// Either side may be null (then it counts nothing); `has_baseline` tells that from no baseline.
KsCheck check_ks(FeatureSide live, FeatureSide baseline, bool has_baseline, const KsRules& rules);

// Population Stability Index (stats/psi.h), of categories or of numbers in bins.
struct PsiCheck {
  bool ok = true;
  bool insufficient_samples = false;
  bool insufficient_baseline = false;
  Treatment treatment;
  Presence live;
  Presence baseline;
  double psi_max = 0;  // The rule.
  std::optional<double> psi;
  std::optional<double> p_value;
  std::optional<double> expected;  // Of psi, without drift.
  Counts live_counts;
  Counts baseline_counts;
  std::vector<std::string> new_categories;       // Live only.
  std::vector<std::string> vanished_categories;  // Baseline only.
  std::vector<double> edges;                     // Of numbers: those of the bins.
};

struct PsiRules {
  double psi_max = 0.2;
  double floor = 1e-6;
  std::size_t categories_max = 1000;  // Compared one by one; the others together as __other__.
  std::uint64_t samples_min = 1;      // On either side.
};

PsiCheck check_psi(FeatureSide live, FeatureSide baseline, bool has_baseline,
                   const PsiRules& rules);
PsiCheck check_psi_of_numbers(FeatureSide live, FeatureSide baseline, bool has_baseline,
                              const PsiRules& rules);

// Share of 2xx among the events with a status.
struct SuccessRateCheck {
  bool ok = true;
  bool insufficient_samples = false;
  std::optional<double> success_rate;
  double min = 0;
  std::uint64_t total = 0;
  double low = 0;  // Wilson's 95 % interval.
  double high = 1;
};
SuccessRateCheck check_success_rate(const rollup::Rollup& live, double min);

// Nearest-rank 95th percentile of duration_ms.
struct LatencyCheck {
  bool ok = true;
  bool insufficient_samples = false;
  std::optional<double> p95;
  double p95_error = 0;  // Beyond the summary's capacity: half the cell that holds it.
  double max = 0;
  std::uint64_t live_n = 0;
  std::optional<double> low;  // 95 % interval by order statistics, where there is one.
  std::optional<double> high;
};
LatencyCheck check_latency(const rollup::Rollup& live, double max);

using Check = std::variant<KsCheck, PsiCheck, SuccessRateCheck, LatencyCheck, MeasureCheck,
                           QualityCheck, SchemaCheck>;
bool is_ok(const Check& check);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// A candidate against a control, feature by feature: how large the difference is, how surely, and
// whether it may pass. Pure functions; safe from any thread. docs/COMPARE.md is the same for
// people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/comparison.h"

namespace driftguard::report {

// kPass: no difference is shown. kMarginal: there is one, but it is within the tolerance. kFail:
// there is one that is not. kNotEnoughData: too few values on a side.
enum class Outcome { kPass, kMarginal, kFail, kNotEnoughData };
std::string_view outcome_name(Outcome outcome);  // "pass", "marginal", "fail", "not_enough_data".

struct ContrastRules {
  double confidence = 0.95;      // Of all contrasts and all looks together.
  int looks = 1;                 // How often a rollout is going to ask.
  double tolerance = 0.05;       // Of distributions: in shares of events.
  double rate_tolerance = 0.01;  // Of failures and of missing values.
  double psi_floor = 1e-6;
  std::uint64_t samples_min = 50;
  std::size_t categories_max = 1000;
};

// Below it a difference of categories is small, by the usual reading of PSI.
inline constexpr double kPsiSmall = 0.1;

enum class ContrastKind { kNumbers, kCategories, kMissing, kSuccessRate, kLatency };
std::string_view contrast_kind_name(ContrastKind kind);  // "numbers", "success_rate", ...

// One question. `difference` is in shares of events: of numbers and durations the largest gap D of
// the distribution functions; of categories the largest difference of a share; of rates the
// candidate's less the control's. Durations count only where they became longer, failures only
// where they became more.
struct Contrast {
  std::string name;
  ContrastKind kind = ContrastKind::kNumbers;
  bool critical = false;
  bool muted = false;  // Shown, but no part of the whole.
  std::uint64_t control_n = 0;
  std::uint64_t candidate_n = 0;
  // Medians of numbers, 95th percentiles of durations, the share of the category that differs
  // most, rates.
  std::optional<double> control;
  std::optional<double> candidate;
  std::string where;  // Which category it is, or where the gap is: "up to 120.5".
  std::optional<double> difference;
  std::optional<double> low;  // Of its interval, simultaneous over all contrasts and looks.
  std::optional<double> high;
  std::optional<double> psi;    // Of categories.
  std::optional<double> moved;  // Of categories: the share of events that is in another one.
  std::optional<double> p_value;
  std::optional<double> p_adjusted;  // Holm's; also times the looks.
  double tolerance = 0;
  Outcome outcome = Outcome::kNotEnoughData;
};

struct Contrasts {
  ContrastRules rules;
  std::size_t tests = 0;       // How many Holm's correction counts.
  std::vector<Contrast> list;  // Features by name, then the service's own.

  // The gravest of those that are not muted; kNotEnoughData only where all are.
  Outcome outcome() const;
};

// Live is the candidate, the baseline the control.
Contrasts contrast(const Comparison& comparison, const ContrastRules& rules);

// Holm's step-down adjustment (Holm 1979), in the order given: each p times the number of those
// not smaller, never below a smaller one's, at most 1.
std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// Burn rates: how fast the error budget of a service level is spent, looked at over a long and a
// short window at once (Beyer et al. 2018, The Site Reliability Workbook, chapter 5). Pure
// functions; safe from any thread. docs/SLO.md tells the rules to people.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rollup/rollup.h"
#include "stats/proportion.h"

namespace driftguard::report {

// What a promise is about, and what broke it. Counts of stretches that do not overlap add up.
struct SloCounts {
  std::uint64_t total = 0;
  std::uint64_t failed = 0;  // For certain.
  // Perhaps as many more: values in a cell that spans the limit (sketch/numeric_summary.h). Zero
  // while a stretch holds no more distinct durations than a summary counts one by one.
  std::uint64_t failed_unsure = 0;

  SloCounts& operator+=(const SloCounts& other);
  friend bool operator==(const SloCounts&, const SloCounts&) = default;
};

// Of the events that carry a status, those that are not 2xx.
SloCounts status_counts(const rollup::Rollup& rollup);
// Of the events that carry a duration, those that took longer than `limit_ms`.
SloCounts latency_counts(const rollup::Rollup& rollup, double limit_ms);

enum class Severity { kNone, kTicket, kPage };  // In the order of urgency.

// A level burns when both windows spend the budget more than `factor` times as fast as would use
// it up exactly in the period. So it has been for long enough to matter, and goes on still.
struct BurnLevel {
  Severity severity;
  double budget_share;  // Of the period's budget, spent in the long window at this factor.
  std::chrono::minutes long_window;
  std::chrono::minutes short_window;
  double factor;
};
inline constexpr std::chrono::days kBudgetPeriod{30};
inline constexpr std::array<BurnLevel, 4> kBurnLevels{{
    {Severity::kPage, 0.02, std::chrono::hours(1), std::chrono::minutes(5), 14.4},
    {Severity::kPage, 0.05, std::chrono::hours(6), std::chrono::minutes(30), 6},
    {Severity::kTicket, 0.10, std::chrono::days(1), std::chrono::hours(2), 3},
    {Severity::kTicket, 0.10, std::chrono::days(3), std::chrono::hours(6), 1},
}};

// Of little traffic a single failure is a large share. So a window counts only with this many
// failures, or with Wilson's 95 % interval all above the threshold and more than one failure.
inline constexpr std::uint64_t kFailuresSure = 10;
inline constexpr std::uint64_t kFailuresMin = 2;

struct BurnWindow {
  std::chrono::minutes length{};
  SloCounts counts;
  std::optional<double> rate;       // The share that failed; empty without events.
  std::optional<double> burn_rate;  // rate / budget; empty also if there is no budget at all.
  stats::Interval interval{0, 1};   // Of the rate, Wilson's 95 %.
  bool above = false;               // The rate is above the threshold.
  bool exceeds = false;             // And there are failures enough to say so.
};
// `threshold` is the share allowed, factor * budget; a rate equal to it, up to rounding, is not
// above it.
BurnWindow burn_window(std::chrono::minutes length, const SloCounts& counts, double budget,
                       double threshold);

struct BurnVerdict {
  BurnLevel level;
  double threshold = 0;
  BurnWindow long_window;
  BurnWindow short_window;
  bool burning() const { return long_window.exceeds && short_window.exceeds; }
};

// What is left of the budget of the last kBudgetPeriod.
struct BudgetLeft {
  SloCounts counts;
  double allowed = 0;          // Failures that so many events may have.
  std::optional<double> left;  // Share; below 0 when overspent, empty without events or budget.
};

// One promise: at least `objective` of the events keep it.
struct SloStatus {
  double objective = 0;
  double budget = 0;  // 1 - objective.
  std::vector<BurnVerdict> levels;
  BudgetLeft left;
  Severity severity() const;  // Of the most urgent level that burns.
};

// The counts of the last so many minutes.
using CountsOver = std::function<SloCounts(std::chrono::minutes)>;

// `objective` is from 0 to 1 (asserted).
SloStatus slo_status(double objective, const CountsOver& counts_over);

// How sentences name what is promised: "requests failed", "requests took longer than 2000 ms".
struct SloWords {
  std::string events;
  std::string broke;
};
// One sentence with its numbers each.
std::string sentence_of(const BurnVerdict& verdict, const SloStatus& slo, const SloWords& words);
std::string sentence_of(const SloStatus& slo, const SloWords& words);

}  // namespace driftguard::report

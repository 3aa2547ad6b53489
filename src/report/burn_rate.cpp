// SPDX-License-Identifier: Apache-2.0
#include "report/burn_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace driftguard::report {
namespace {

using std::chrono::minutes;

// 14.4 * (1 - 0.995) is not exactly 0.072 in doubles: what differs by less is equal.
constexpr double kRounding = 1e-12;

std::string percent(double share) { return fmt::format("{:.3g} %", share * 100); }

std::string percent_of_objective(double objective) {
  return fmt::format("{:.6g} %", objective * 100);
}

std::string length_text(minutes length) {
  if (length % std::chrono::days(1) == minutes(0)) {
    return fmt::format("{} d", length / std::chrono::days(1));
  }
  if (length % std::chrono::hours(1) == minutes(0)) {
    return fmt::format("{} h", length / std::chrono::hours(1));
  }
  return fmt::format("{} min", length.count());
}

// "9.5 % in 1 h (114 of 1200)"
std::string window_text(const BurnWindow& window) {
  return fmt::format("{} in {} ({} of {})", percent(window.rate.value_or(0)),
                     length_text(window.length), window.counts.failed, window.counts.total);
}

std::string times_text(const BurnWindow& window) {
  return window.burn_rate ? fmt::format("{:.3g}", *window.burn_rate) : "no number of";
}

std::string budget_text(const std::optional<double>& left) {
  if (!left) return "there is no budget to spend";
  if (*left < 0) return fmt::format("the budget is spent {:.3g} times over", 1 - *left);
  return fmt::format("{} of the budget is left", percent(*left));
}

// Why a level does not burn.
std::string calm_text(const BurnVerdict& verdict) {
  const auto unsure = [](const BurnWindow& window) { return window.above && !window.exceeds; };
  for (const BurnWindow* window : {&verdict.long_window, &verdict.short_window}) {
    if (!unsure(*window)) continue;
    return fmt::format("too few failures in {} to say that it is beyond {}",
                       length_text(window->length), percent(verdict.threshold));
  }
  const bool either = verdict.long_window.exceeds || verdict.short_window.exceeds;
  return fmt::format("{} beyond {}", either ? "not both" : "not", verdict.level.factor);
}

}  // namespace

SloCounts& SloCounts::operator+=(const SloCounts& other) {
  total += other.total;
  failed += other.failed;
  failed_unsure += other.failed_unsure;
  return *this;
}

SloCounts status_counts(const rollup::Rollup& rollup) {
  return {rollup.with_status(), rollup.with_status() - rollup.successes(), 0};
}

SloCounts latency_counts(const rollup::Rollup& rollup, double limit_ms) {
  SloCounts counts;
  counts.total = rollup.latency_ms.count();
  for (const sketch::Cell& cell : rollup.latency_ms.cells()) {
    const sketch::CellBounds bounds = rollup.latency_ms.bounds(cell);
    if (bounds.low > limit_ms) {
      counts.failed += cell.count;
    } else if (bounds.high > limit_ms) {
      counts.failed_unsure += cell.count;
    }
  }
  return counts;
}

BurnWindow burn_window(minutes length, const SloCounts& counts, double budget, double threshold) {
  assert(counts.failed <= counts.total);
  BurnWindow window;
  window.length = length;
  window.counts = counts;
  if (counts.total == 0) return window;
  window.rate = static_cast<double>(counts.failed) / static_cast<double>(counts.total);
  if (budget > 0) window.burn_rate = *window.rate / budget;
  window.interval = stats::wilson_interval({counts.failed, counts.total});
  window.above = *window.rate > threshold * (1 + kRounding);
  const bool interval_above =
      counts.failed >= kFailuresMin && window.interval.low > threshold * (1 + kRounding);
  window.exceeds = window.above && (counts.failed >= kFailuresSure || interval_above);
  return window;
}

Severity SloStatus::severity() const {
  Severity severity = Severity::kNone;
  for (const BurnVerdict& verdict : levels) {
    if (verdict.burning()) severity = std::max(severity, verdict.level.severity);
  }
  return severity;
}

SloStatus slo_status(double objective, const CountsOver& counts_over) {
  assert(objective >= 0 && objective <= 1);
  SloStatus slo;
  slo.objective = objective;
  slo.budget = 1 - objective;
  for (const BurnLevel& level : kBurnLevels) {
    BurnVerdict verdict{level, level.factor * slo.budget, {}, {}};
    const auto window = [&](minutes length) {
      return burn_window(length, counts_over(length), slo.budget, verdict.threshold);
    };
    verdict.long_window = window(level.long_window);
    verdict.short_window = window(level.short_window);
    slo.levels.push_back(std::move(verdict));
  }
  slo.left.counts = counts_over(kBudgetPeriod);
  slo.left.allowed = slo.budget * static_cast<double>(slo.left.counts.total);
  if (slo.left.allowed > 0) {
    slo.left.left = 1 - static_cast<double>(slo.left.counts.failed) / slo.left.allowed;
  }
  return slo;
}

std::string sentence_of(const BurnVerdict& verdict, const SloStatus& slo, const SloWords& words) {
  if (verdict.long_window.counts.total == 0) {
    return fmt::format("no {} in {}", words.events, length_text(verdict.long_window.length));
  }
  if (verdict.threshold >= 1) {
    return fmt::format("{} times a budget of {} is more than all {}: this level cannot burn",
                       verdict.level.factor, percent(slo.budget), words.events);
  }
  std::string text =
      fmt::format("{} {}: {}", words.events, words.broke, window_text(verdict.long_window));
  std::string times = times_text(verdict.long_window);
  if (verdict.short_window.counts.total > 0) {
    text += " and " + window_text(verdict.short_window);
    times += " and " + times_text(verdict.short_window);
  } else {
    text += fmt::format(" and none came in {}", length_text(verdict.short_window.length));
  }
  return fmt::format(
      "{}, {} times what {} allows, {}", text, times, percent_of_objective(slo.objective),
      verdict.burning() ? fmt::format("beyond {}", verdict.level.factor) : calm_text(verdict));
}

std::string sentence_of(const SloStatus& slo, const SloWords& words) {
  std::string left = fmt::format("no {} in 30 d", words.events);
  if (slo.left.counts.total > 0) {
    left = fmt::format("{} of {} {} {} in 30 d where {:.6g} may: {}", slo.left.counts.failed,
                       slo.left.counts.total, words.events, words.broke, slo.left.allowed,
                       budget_text(slo.left.left));
  }
  for (const BurnVerdict& verdict : slo.levels) {
    if (!verdict.burning() || verdict.level.severity != slo.severity()) continue;
    return sentence_of(verdict, slo, words) + "; " + left;
  }
  return left;
}

}  // namespace driftguard::report

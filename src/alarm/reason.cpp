// SPDX-License-Identifier: Apache-2.0
#include "alarm/reason.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace driftguard::alarm {
namespace {

// Percentages with the figures that matter: 50.3 %, 2.36 %, 0.012 %.
std::string percent(double share) {
  const double value = 100.0 * share;
  const double tail = std::min(value, 100.0 - value);
  if (tail <= 0.0) return fmt::format("{:.0f} %", value);
  if (tail < 0.0005) return value < 50.0 ? "below 0.001 %" : "above 99.999 %";
  return fmt::format("{:.{}f} %", value, tail >= 9.95 ? 1 : tail >= 0.095 ? 2 : 3);
}

std::string limits(const Effect& effect, const Reference& reference) {
  if (is_rate(reference.layout.subject)) {
    return fmt::format("at most {} is tolerated", percent(effect.tolerated_high));
  }
  return fmt::format("baseline {}, tolerated {} to {}", percent(effect.baseline_share),
                     percent(effect.tolerated_low), percent(effect.tolerated_high));
}

std::string measured(const Effect& effect, const Reference& reference) {
  return fmt::format("{} of {} {} ({} to {}; {})", percent(effect.share), effect.values,
                     share_text(reference, effect.place), percent(effect.low), percent(effect.high),
                     limits(effect, reference));
}

std::string insufficient(const Alarm& alarm, const Reference& reference, const Rules& rules) {
  switch (alarm.admission) {
    case Admission::kTooFewValues:
      return fmt::format("The baseline has {} values; {} are needed.", reference.values,
                         rules.baseline_values_min);
    case Admission::kUnsteady:
      return fmt::format(
          "The baseline is refused: its half hours differ so much that a tolerance of {} would be "
          "needed, and at most {} is sensible.",
          reference.tolerance > 1 ? "more than 100 %" : percent(reference.tolerance),
          percent(rules.tolerance_max));
    case Admission::kDrifts:
      return "The baseline is refused: it drifts within itself, so that it would alarm on itself.";
    case Admission::kAdmitted:
      break;
  }
  const std::uint64_t seen = alarm.effect ? alarm.effect->values : 0;
  const std::uint64_t needed =
      is_rate(alarm.subject) ? rules.live_trials_min : rules.live_values_min;
  return fmt::format("{} values came in the last half hour; {} are needed.", seen, needed);
}

std::string calm(const Alarm& alarm, const Reference& reference) {
  if (!alarm.effect) return "Nothing was seen yet.";
  const std::string numbers = measured(*alarm.effect, reference);
  if (!alarm.effect->within_tolerance()) {
    return fmt::format("No evidence of drift beyond chance: {}.", numbers);
  }
  // Significant, negligible: a single look would call this drift.
  if (!is_rate(alarm.subject) && alarm.effect->significant()) {
    return fmt::format("The difference is significant, negligible: {}.", numbers);
  }
  return fmt::format("Within the tolerance: {}.", numbers);
}

}  // namespace

std::string share_text(const Reference& reference, std::size_t place) {
  const Layout& layout = reference.layout;
  switch (layout.subject) {
    case Subject::kNumbers:
      return fmt::format("values up to {:.6g}", layout.edges[place]);
    case Subject::kLatency:
      return fmt::format("durations up to {:.6g} ms", layout.edges[place]);
    case Subject::kCategories:
      if (place == layout.other_cell()) return "values of rare categories";
      if (place == layout.unseen_cell()) return "values that the baseline never had";
      return fmt::format("values \"{}\"", layout.names[place]);
    case Subject::kMissing:
      return "events without it";
    case Subject::kMistyped:
      return "values of another type";
    case Subject::kFailures:
      return "events that are no success";
    case Subject::kSlow:
      return fmt::format("durations above {:.6g} ms", layout.limit);
    case Subject::kJoint:
      return fmt::format("events with both or neither of {} and {}", high_half_text(layout.pair[0]),
                         high_half_text(layout.pair[1]));
  }
  return {};
}

std::string_view subject_name(Subject subject) {
  switch (subject) {
    case Subject::kNumbers:
      return "numbers";
    case Subject::kCategories:
      return "categories";
    case Subject::kMissing:
      return "missing";
    case Subject::kMistyped:
      return "type";
    case Subject::kLatency:
      return "latency";
    case Subject::kFailures:
      return "failures";
    case Subject::kSlow:
      return "slow";
    case Subject::kJoint:
      return "joint";
  }
  return {};
}

std::string_view state_name(State state) {
  switch (state) {
    case State::kInsufficientData:
      return "insufficient_data";
    case State::kOk:
      return "ok";
    case State::kPending:
      return "pending";
    case State::kFiring:
      return "firing";
    case State::kResolved:
      return "resolved";
  }
  return {};
}

std::string duration_text(double seconds) {
  struct Unit {
    double seconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 5> kUnits = {{{365.25 * 86400, "years"},
                                           {86400, "days"},
                                           {3600, "hours"},
                                           {60, "minutes"},
                                           {1, "seconds"}}};
  for (const auto& [length, name] : kUnits) {
    const double count = seconds / length;
    if (count > 1e6) return fmt::format("more than a million {}", name);
    if (count >= 1.95 || length == 1) {
      return fmt::format("{:.{}f} {}", count, count < 9.95 ? 1 : 0, name);
    }
  }
  return {};
}

std::string reason_of(const Alarm& alarm, const Reference& reference, const Rules& rules) {
  switch (alarm.state) {
    case State::kInsufficientData:
      return insufficient(alarm, reference, rules);
    case State::kOk:
      return calm(alarm, reference);
    case State::kResolved:
      return fmt::format("The drift is over. {}", calm(alarm, reference));
    case State::kPending:
    case State::kFiring:
      break;
  }
  const std::string since =
      alarm.started ? fmt::format(", since about {}", format_rfc3339(*alarm.started)) : "";
  const std::string numbers =
      alarm.effect ? measured(*alarm.effect, reference) : "no values at present";
  return fmt::format("{}{}; by chance this comes once in {}.", numbers, since,
                     duration_text(alarm.return_period_s));
}

}  // namespace driftguard::alarm

// SPDX-License-Identifier: Apache-2.0
#include "guard/decision.h"

#include <fmt/format.h>

#include <algorithm>

namespace driftguard::guard {
namespace {

using alarm::Alarm;
using alarm::State;

// Names in a sentence; further ones are counted.
constexpr std::size_t kNamesMax = 5;

bool has_critical(const ingest::FeatureRules& rules, const std::string& service) {
  return std::any_of(rules.all().begin(), rules.all().end(), [&](const FeatureRule& rule) {
    return rule.critical && (!rule.service || *rule.service == service);
  });
}

// Whether an alarm blocks when it fires.
bool blocks(const Alarm& alarm, const alert::ServiceAlarms& alarms, const GuardRule& policy,
            bool criticals, const FeatureRule* rule) {
  if (policy.block == GuardBlock::kListed) {
    return std::any_of(policy.listed.begin(), policy.listed.end(),
                       [&](const std::string& name) { return alarms.about(name) == &alarm; });
  }
  const bool critical = rule != nullptr && rule->critical;
  if (rule != nullptr && rule->muted) return false;
  switch (policy.block) {
    case GuardBlock::kMarked:
      return critical || !criticals;
    case GuardBlock::kCritical:
      return critical;
    case GuardBlock::kAll:
      return true;
    case GuardBlock::kNone:
    case GuardBlock::kListed:
      break;
  }
  return false;
}

bool counts_at(const Firing& firing, const std::string& endpoint) {
  return firing.endpoints.empty() ||
         std::binary_search(firing.endpoints.begin(), firing.endpoints.end(), endpoint);
}

const Override* override_for(const Standing& standing, const std::optional<std::string>& endpoint,
                             Time now) {
  const Override* of_service = nullptr;
  for (const Override& one : standing.overrides) {
    if (!one.holds(now)) continue;
    if (one.order.endpoint && one.order.endpoint == endpoint) return &one;
    if (!one.order.endpoint && of_service == nullptr) of_service = &one;
  }
  return of_service;
}

std::string names_of(const std::vector<Firing>& firing) {
  std::string names;
  for (std::size_t i = 0; i < std::min(firing.size(), kNamesMax); ++i) {
    names += (i > 0 ? ", " : "") + firing[i].name;
  }
  if (firing.size() > kNamesMax) names += fmt::format(" and {} more", firing.size() - kNamesMax);
  return names;
}

}  // namespace

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::kOverride:
      return "override";
    case Reason::kNotGuarded:
      return "not_guarded";
    case Reason::kNoData:
      return "no_data";
    case Reason::kStale:
      return "stale";
    case Reason::kAlarm:
      return "alarm";
    case Reason::kOk:
      return "ok";
  }
  return "";
}

GuardRule policy_of(const std::vector<GuardRule>& rules, const std::string& service) {
  GuardRule others;
  for (const GuardRule& rule : rules) {
    if (rule.service == service) return rule;
    if (!rule.service) others = rule;
  }
  return others;
}

void note_alarms(alert::ServiceAlarmsPtr known, const ingest::FeatureRules& rules,
                 Standing* standing) {
  standing->alarms = std::move(known);
  const alert::ServiceAlarms& alarms = *standing->alarms;
  standing->evaluated_until = alarms.evaluated_until;
  standing->has_verdict = false;
  standing->firing.clear();
  const bool criticals = has_critical(rules, standing->service);
  for (const Alarm& alarm : alarms.alarms) {
    const FeatureRule* rule =
        alarm.pointer.empty() ? nullptr : rules.find(standing->service, alarm.pointer);
    if (!blocks(alarm, alarms, standing->policy, criticals, rule)) continue;
    if (alarm.state != State::kInsufficientData) standing->has_verdict = true;
    if (alarm.state != State::kFiring) continue;
    standing->firing.push_back({alarm.name, alarm.since, alarm.endpoints, alarm.reason});
  }
  std::sort(standing->firing.begin(), standing->firing.end(),
            [](const Firing& a, const Firing& b) { return a.name < b.name; });
}

Decision decide(const Standing& standing, const std::optional<std::string>& endpoint, Time now,
                std::chrono::seconds lag) {
  Decision decision;
  decision.evaluated_until = standing.evaluated_until;
  if (const Override* one = override_for(standing, endpoint, now)) {
    decision.verdict = one->order.verdict;
    decision.reason = Reason::kOverride;
    decision.override_ = *one;
    return decision;
  }
  const GuardRule& policy = standing.policy;
  if (policy.block == GuardBlock::kNone) {
    decision.reason = Reason::kNotGuarded;
    return decision;
  }
  const bool evaluated = standing.has_verdict && standing.evaluated_until;
  if (!evaluated ||
      now - *standing.evaluated_until > lag + std::chrono::seconds(policy.stale_seconds)) {
    decision.reason = evaluated ? Reason::kStale : Reason::kNoData;
    decision.verdict = policy.fail_closed ? Verdict::kDeny : Verdict::kAllow;
    return decision;
  }
  const bool whole =
      !endpoint || standing.endpoints == nullptr || !standing.endpoints->contains(*endpoint);
  for (const Firing& one : standing.firing) {
    if (whole || counts_at(one, *endpoint)) decision.firing.push_back(one);
  }
  if (decision.firing.empty()) return decision;
  decision.verdict = Verdict::kDeny;
  decision.reason = Reason::kAlarm;
  return decision;
}

std::string detail_of(const Decision& decision, const Standing& standing, Time now) {
  const std::string_view answer = decision.verdict == Verdict::kAllow ? "let through" : "blocked";
  switch (decision.reason) {
    case Reason::kOverride:
      return fmt::format(
          "{} by {} until {}: {}", decision.verdict == Verdict::kAllow ? "Allowed" : "Denied",
          decision.override_->order.by, format_rfc3339(decision.override_->order.until),
          decision.override_->order.reason);
    case Reason::kNotGuarded:
      return "No alarm of this service blocks, by configuration.";
    case Reason::kNoData:
      return fmt::format("No alarm that blocks has a verdict; without data requests are {}.",
                         answer);
    case Reason::kStale:
      return fmt::format("Alarms were evaluated {} s ago; with such old data requests are {}.",
                         (now - *standing.evaluated_until) / std::chrono::seconds(1), answer);
    case Reason::kAlarm:
      return fmt::format("Drift: {} {}.", names_of(decision.firing),
                         decision.firing.size() == 1 ? "fires" : "fire");
    case Reason::kOk:
      return "No alarm that blocks fires.";
  }
  return "";
}

}  // namespace driftguard::guard

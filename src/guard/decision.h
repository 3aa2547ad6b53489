// SPDX-License-Identifier: Apache-2.0
// What the guard answers, and why. Values and pure functions; safe from any thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alert/service_alarms.h"
#include "core/config.h"
#include "guard/override.h"
#include "ingest/feature_rules.h"

namespace driftguard::guard {

// Why, in the order in which they are asked.
enum class Reason {
  kOverride,    // A person said so.
  kNotGuarded,  // Nothing blocks, by configuration.
  kNoData,      // No alarm that blocks has a verdict: the policy's `fail` decides.
  kStale,       // Alarms were evaluated too long ago: the policy's `fail` decides.
  kAlarm,       // An alarm that blocks fires.
  kOk,          // None does.
};
std::string_view reason_name(Reason reason);  // "override", "not_guarded", "no_data", ...

// An alarm that blocks, while it fires.
struct Firing {
  std::string name;
  Time since;
  std::vector<std::string> endpoints;  // Sorted: where it counts. Empty: everywhere.
  std::string reason;                  // One sentence with its numbers.
};

using EndpointsPtr = std::shared_ptr<const std::set<std::string>>;

// What is known of a service at a moment. Immutable once made.
struct Standing {
  std::string service;
  GuardRule policy;
  alert::ServiceAlarmsPtr alarms;       // What it was made of; may be null.
  bool has_verdict = false;             // Of an alarm that blocks.
  std::optional<Time> evaluated_until;  // Events before it count.
  std::vector<Firing> firing;           // Those that block, in the order of their names.
  EndpointsPtr endpoints;               // That sent events. Null: none did.
  std::vector<Override> overrides;      // The latest first; some may be over.
};
using StandingPtr = std::shared_ptr<const Standing>;

// The policy of a service: its own table, the one for all others, or the defaults.
GuardRule policy_of(const std::vector<GuardRule>& rules, const std::string& service);

// Fills in what the alarms say, for the standing's service and policy.
void note_alarms(alert::ServiceAlarmsPtr alarms, const ingest::FeatureRules& rules,
                 Standing* standing);

struct Decision {
  Verdict verdict = Verdict::kAllow;
  Reason reason = Reason::kOk;
  std::vector<Firing> firing;           // With kAlarm.
  std::optional<Override> override_;    // With kOverride.
  std::optional<Time> evaluated_until;  // Of the service.
};

// For an endpoint that never sent events, and for none, the whole service decides. An override of
// the endpoint goes before one of the service, a later one before an earlier one. `lag` is how
// long evaluation waits for events that are on their way.
Decision decide(const Standing& standing, const std::optional<std::string>& endpoint, Time now,
                std::chrono::seconds lag);

// One sentence for people.
std::string detail_of(const Decision& decision, const Standing& standing, Time now);

}  // namespace driftguard::guard

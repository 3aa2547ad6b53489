// SPDX-License-Identifier: Apache-2.0
// Decisions for gateways, out of memory alone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "guard/decision.h"
#include "guard/override_book.h"

namespace driftguard::guard {

struct GuardSources {
  store::Store& store;
  const ingest::FeatureRules& rules;
  const Clock& clock;
  // A service's alarms while they are evaluated in this process, else null: takes no store.
  std::function<alert::ServiceAlarmsPtr(const std::string& service)> alarms_of;
};

struct GuardOptions {
  std::vector<GuardRule> policies;
  std::string default_service;
  std::chrono::seconds lag{5};  // Of the evaluation.
};

// A service and what would be answered now.
struct GuardedService {
  StandingPtr standing;
  Decision decision;
};

// Two calls keep it up to date: look(), each second, asks memory alone; read_store(), as often, may
// wait for the store and may fail, and what was known stays. A decision reads the last look and
// goes over it with the present time, so an override ends, and data is stale, to the moment.
//
// decide() and find() take microseconds and wait for nobody, so they may be called from I/O
// threads. Thread-safe; what it refers to must outlive it.
class GuardDesk final {
 public:
  static constexpr std::size_t kServicesMax = 10'000;  // Further ones, by name, have no data.
  static constexpr std::size_t kEndpointsMax = 1'000;  // Of a service; the same.

  GuardDesk(const GuardSources& sources, const GuardOptions& options);

  void look();
  Result<void> read_store();

  // What is known of a service; of an empty name: of the configured default, or the only one.
  // kInvalidArgument names the services there are. Of one that was never seen: its policy, and
  // nothing else. Never null.
  Result<StandingPtr> find(const std::string& service) const;
  Decision decide(const Standing& standing, const std::optional<std::string>& endpoint) const;

  // By name; from `offset` on at most `limit`, and how many there are.
  std::vector<GuardedService> list(std::size_t offset, std::size_t limit, std::size_t* total) const;

  // Known to this node at once, to others within two seconds. Errors: OverrideBook's.
  Result<Override> add(const OverrideOrder& order);
  Result<Override> end(std::int64_t id, const std::string& by, const std::string& because);
  OverridesPtr overrides() const { return book_.known(); }

  const Clock& clock() const { return sources_.clock; }

 private:
  using Standings = std::map<std::string, StandingPtr>;
  using Endpoints = std::map<std::string, EndpointsPtr>;         // By service.
  using Holding = std::map<std::string, std::vector<Override>>;  // By service.

  std::shared_ptr<const Standings> standings() const;
  StandingPtr standing_of(const std::string& service, const EndpointsPtr& endpoints,
                          const Holding& holding, const Standings& before) const;

  const GuardSources sources_;
  const GuardOptions options_;
  OverrideBook book_;
  std::optional<Time> listed_at_;  // read_store()'s alone.

  std::mutex looking_;        // One look at a time.
  mutable std::mutex mutex_;  // Guards all below.
  std::shared_ptr<const Endpoints> endpoints_ = std::make_shared<const Endpoints>();
  std::shared_ptr<const Standings> standings_ = std::make_shared<const Standings>();
};

}  // namespace driftguard::guard

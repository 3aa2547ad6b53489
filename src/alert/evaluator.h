// SPDX-License-Identifier: Apache-2.0
// The alarms of all services, kept up to date: each closed bucket is folded once its time, and a
// lag for what is on its way, are over.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alert/backtest.h"
#include "alert/inflow.h"
#include "alert/lease.h"
#include "alert/reference_book.h"
#include "alert/service_state.h"
#include "baseline/baseline_book.h"
#include "window/window_reader.h"

namespace driftguard::alert {

struct EvaluatorOptions {
  // How long after its end a bucket is folded; what comes later counts with the next one.
  std::chrono::seconds lag{5};
  // After so long without evaluation a service starts there: older buckets are left out.
  std::chrono::hours catch_up_max{6};
  // A state is stored when an alarm begins or ends to fire, and at least so often.
  std::chrono::seconds checkpoint{300};
  // A service without events and without a firing alarm is put away after that.
  std::chrono::hours idle_max{1};
  baseline::SloTargets slo;  // Unless a pinned baseline has its own.
  // Who is told when an incident opens or closes: notices are stored with it.
  std::vector<NoticePlan> notices;
};

// What an evaluator works with.
struct EvaluatorSources {
  store::Store& store;
  window::WindowReader& windows;
  baseline::BaselineBook& baselines;
  Inflow& inflow;
  const Clock& clock;
};

struct EvaluatorFigures {
  std::size_t services = 0;   // In memory.
  std::size_t firing = 0;     // Of these, with an alarm that fires.
  std::uint64_t buckets = 0;  // Folded, times services.
  std::uint64_t failures = 0;
  double seconds = 0;  // Spent.
  bool leads = false;  // Writes what it finds; another node does otherwise.
};

// What is stored of a service is enough to go on from after a crash: buckets since are read again.
// Events that came late within the moments in which that happens are the only ones that may not
// count as evidence; none counts twice. On a store with several nodes each evaluates, and the one
// that holds the lease writes; events that reach another node late count there alone.
//
// evaluate() and save() are called by one thread; the rest from any. What it refers to must outlive
// it.
class Evaluator final {
 public:
  Evaluator(const EvaluatorSources& sources, const EvaluatorOptions& options);
  ~Evaluator();

  // Folds all buckets that are due. Goes on with other services where one fails; gives the first
  // error.
  Result<void> evaluate();
  // Stores the states of all services that moved on since they were stored.
  Result<void> save();

  // Of a service that is not in memory, as it was stored last. Never null.
  Result<ServiceAlarmsPtr> alarms_of(const std::string& service);
  // Of a service in memory; empty for others.
  std::optional<AlarmBrief> brief_of(const std::string& service) const;
  // How the evidence of a service in memory went. kNotFound: there is no such alarm.
  Result<EvidenceCourse> course_of(const std::string& service, const std::string& alarm) const;
  // Learns what a new baseline's alarms need, while its buckets are what it was built from.
  Result<void> learn(const baseline::Baseline& baseline);
  // What alarms against the baseline would have said of the traffic in `range`; see backtest.h.
  Result<Backtest> backtest(const std::string& service, const baseline::Baseline* baseline,
                            TimeRange range);
  // Closed incidents and open ones, the latest first, `limit` at most.
  Result<std::vector<Incident>> incidents(const std::string& service, std::size_t limit);

  EvaluatorFigures figures() const;

 private:
  using ServicePtr = std::shared_ptr<ServiceState>;
  // What a bucket holds, by endpoint.
  using Held = std::map<std::string, std::shared_ptr<const rollup::Rollup>>;

  std::int64_t last_closed_bucket() const;
  Result<void> find_services();
  std::vector<std::string> due(std::int64_t until);
  ServicePtr find(const std::string& name) const;
  Result<void> evaluate(const std::string& name, std::int64_t until);
  Result<void> follow_baseline(ServiceState& service, std::int64_t until);
  Result<void> replay(ServiceState& service, std::int64_t until);
  Result<void> fold_due(ServiceState& service, std::int64_t until);
  Result<void> read_touched(const std::string& name, const Inflow::Touched& touched,
                            std::map<std::int64_t, Held>* due);
  static Held held_of(std::span<const alarm::EndpointRollup> endpoints);
  void fold_held(ServiceState& service, std::int64_t bucket, const Held& held);
  static void add_late(const Inflow::Sums& late, Held* held);
  Result<void> write(ServiceState& service);
  void put_away_idle(std::int64_t until);
  void count_bucket();
  baseline::SloTargets levels_of(const baseline::Baseline* baseline) const;

  const EvaluatorSources sources_;
  const EvaluatorOptions options_;
  ReferenceBook references_;
  Lease lease_;
  std::optional<Time> listed_at_;  // When the store was asked for services.
  bool leads_ = false;

  mutable std::mutex mutex_;
  std::map<std::string, ServicePtr> services_;  // Guarded by mutex_.
  std::set<std::string> waiting_;               // Guarded by mutex_: to be taken up.
  EvaluatorFigures figures_;                    // Guarded by mutex_.
};

}  // namespace driftguard::alert

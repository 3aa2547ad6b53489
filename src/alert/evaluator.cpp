// SPDX-License-Identifier: Apache-2.0
#include "alert/evaluator.h"

#include <algorithm>
#include <utility>

#include "alert/alarm_store.h"
#include "alert/bucket_reader.h"
#include "rollup/bucket.h"

namespace driftguard::alert {
namespace {

using alarm::bucket_number;
using alarm::bucket_start;
using alarm::EndpointRollup;

// Other nodes' new services are found at least so often.
constexpr std::chrono::seconds kListEvery{60};
constexpr std::chrono::seconds kLeaseTerm{30};
// A service without a baseline has only its levels watched: no need to go further back.
constexpr std::chrono::minutes kStartBack{30};

std::int64_t buckets_of(std::chrono::seconds stretch) { return stretch / rollup::kBucketWidth; }

}  // namespace

Evaluator::Evaluator(const EvaluatorSources& sources, const EvaluatorOptions& options)
    : sources_(sources),
      options_(options),
      references_(sources.store),
      lease_(sources.store, sources.clock, "alarms", kLeaseTerm) {}

Evaluator::~Evaluator() { lease_.release(); }

// The number of the last bucket that is over, and was so for the lag.
std::int64_t Evaluator::last_closed_bucket() const {
  return bucket_number(rollup::bucket_of(sources_.clock.now() - options_.lag)) - 1;
}

Result<void> Evaluator::evaluate() {
  const auto begin = std::chrono::steady_clock::now();
  const Result<bool> leads = lease_.hold();
  if (!leads) return leads.error();
  if (*leads && !leads_ && !sources_.store.exclusive()) {
    // What the leader before wrote is what goes on from here.
    const std::lock_guard lock(mutex_);
    for (const auto& [name, service] : services_) waiting_.insert(name);
    services_.clear();
  }
  leads_ = *leads;
  std::optional<Error> first;
  if (auto found = find_services(); !found) first = found.error();
  const std::int64_t until = last_closed_bucket();
  for (const std::string& name : due(until)) {
    if (auto done = evaluate(name, until); !done) {
      if (!first) first = done.error();
      const std::lock_guard lock(mutex_);
      ++figures_.failures;
      waiting_.insert(name);
    }
  }
  put_away_idle(until);
  const std::lock_guard lock(mutex_);
  figures_.services = services_.size();
  figures_.firing = static_cast<std::size_t>(
      std::count_if(services_.begin(), services_.end(),
                    [](const auto& service) { return service.second->brief().firing > 0; }));
  figures_.leads = leads_;
  figures_.seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (first) return *first;
  return {};
}

Result<void> Evaluator::find_services() {
  std::vector<std::string> active = sources_.inflow.take_active();
  const Time now = sources_.clock.now();
  const bool due = !listed_at_ || (!sources_.store.exclusive() && now - *listed_at_ >= kListEvery);
  std::optional<Error> failure;
  if (due) {
    auto segments = sources_.store.list_segments("");
    if (!segments) failure = segments.error();
    if (segments) {
      for (store::SegmentName& segment : *segments) active.push_back(std::move(segment.service));
      listed_at_ = now;
    }
  }
  const std::lock_guard lock(mutex_);
  for (std::string& name : active) {
    if (!services_.contains(name)) waiting_.insert(std::move(name));
  }
  if (failure) return *failure;
  return {};
}

std::vector<std::string> Evaluator::due(std::int64_t until) {
  const std::lock_guard lock(mutex_);
  std::set<std::string> names = std::exchange(waiting_, {});
  for (const auto& [name, service] : services_) {
    if (service->evaluated < until) names.insert(name);
  }
  return {names.begin(), names.end()};
}

Result<void> Evaluator::evaluate(const std::string& name, std::int64_t until) {
  ServicePtr service = find(name);
  if (service == nullptr) service = std::make_shared<ServiceState>(name, sources_.clock.now());
  if (auto followed = follow_baseline(*service, until); !followed) return followed;
  if (auto folded = fold_due(*service, until); !folded) return folded;
  const Time now = sources_.clock.now();
  if (leads_ && (service->has_news() || now - service->stored_at >= options_.checkpoint)) {
    if (auto written = write(*service); !written) return written;
  }
  if (!leads_) service->clear_news();  // The leader's to tell.
  const std::lock_guard lock(mutex_);
  services_[name] = std::move(service);
  return {};
}

Evaluator::ServicePtr Evaluator::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = services_.find(name);
  return at == services_.end() ? nullptr : at->second;
}

// Makes the service's monitor one against the baseline that is active now, going on from what is
// stored where that was against the same.
Result<void> Evaluator::follow_baseline(ServiceState& service, std::int64_t until) {
  Result<std::string> mark = sources_.baselines.active_mark(service.name);
  if (!mark) return mark.error();
  if (service.has_monitor() && *mark == service.mark) return {};
  Result<baseline::BaselinePtr> active = sources_.baselines.active(service.name);
  if (!active) return active.error();
  const baseline::Baseline* baseline = active->get();
  const baseline::SloTargets levels = levels_of(baseline);
  if (service.has_monitor() && service.identity == identity_of(baseline, levels)) {
    service.mark = *mark;
    return {};
  }
  Result<LearntReferences> learnt = references_.of(service.name, baseline, levels);
  if (!learnt) return learnt.error();
  Result<std::optional<StoredState>> stored = load_state(sources_.store, service.name);
  if (!stored && stored.error().code != ErrorCode::kCorrupt) return stored.error();
  const Time now = sources_.clock.now();
  service.start(*learnt, baseline == nullptr ? 0 : baseline->version,
                stored ? std::move(*stored) : std::nullopt, now);
  service.mark = *mark;
  const Time from = baseline == nullptr ? now - kStartBack : baseline->range.to;
  service.evaluated = std::max({service.evaluated, bucket_number(rollup::bucket_of(from)) - 1,
                                until - buckets_of(options_.catch_up_max)});
  return replay(service, until);
}

// Reads what is due from the store, while commits go on; what comes for these buckets meanwhile
// may have been read or not, so it is not counted again.
Result<void> Evaluator::replay(ServiceState& service, std::int64_t until) {
  const TimeRange range{bucket_start(service.evaluated + 1), bucket_start(until + 1)};
  Held last;
  auto read = read_buckets(sources_.store, service.name, range, [&](Time bucket, auto endpoints) {
    if (bucket_number(bucket) == until) {
      last = held_of(endpoints);
      return;
    }
    service.fold(bucket_number(bucket), endpoints);
    count_bucket();
  });
  if (!read) return read;
  const auto nothing = [](const Inflow::Touched&) -> Result<void> { return {}; };
  const Result<Inflow::Sums> late = sources_.inflow.take(service.name, until, nothing);
  if (!late) return late.error();
  add_late(*late, &last);
  fold_held(service, until, last);
  return {};
}

Evaluator::Held Evaluator::held_of(std::span<const EndpointRollup> endpoints) {
  Held held;
  for (const auto& [endpoint, rollup] : endpoints) {
    held[std::string(endpoint)] = std::make_shared<const rollup::Rollup>(*rollup);
  }
  return held;
}

void Evaluator::fold_held(ServiceState& service, std::int64_t bucket, const Held& held) {
  std::vector<EndpointRollup> endpoints;
  for (const auto& [endpoint, rollup] : held) endpoints.push_back({endpoint, rollup.get()});
  service.fold(bucket, endpoints);
  count_bucket();
}

Result<void> Evaluator::fold_due(ServiceState& service, std::int64_t until) {
  if (service.evaluated >= until) return {};
  std::map<std::int64_t, Held> due;
  const auto read = [&](const Inflow::Touched& touched) -> Result<void> {
    if (sources_.store.exclusive()) return read_touched(service.name, touched, &due);
    const TimeRange range{bucket_start(service.evaluated + 1), bucket_start(until + 1)};
    return read_buckets(sources_.store, service.name, range, [&](Time bucket, auto endpoints) {
      due[bucket_number(bucket)] = held_of(endpoints);
    });
  };
  const Result<Inflow::Sums> late = sources_.inflow.take(service.name, until, read);
  if (!late) return late.error();
  add_late(*late, &due[until]);
  for (const auto& [bucket, held] : due) fold_held(service, bucket, held);
  return {};
}

void Evaluator::add_late(const Inflow::Sums& late, Held* held) {
  for (const auto& [endpoint, rollup] : late) {
    rollup::RollupSum sum;
    sum.add(rollup);
    std::shared_ptr<const rollup::Rollup>& there = (*held)[endpoint];
    if (there != nullptr) sum.add(*there);
    there = std::make_shared<const rollup::Rollup>(sum.take());
  }
}

Result<void> Evaluator::read_touched(const std::string& name, const Inflow::Touched& touched,
                                     std::map<std::int64_t, Held>* due) {
  for (const auto& [bucket, endpoints] : touched) {
    const TimeRange range{bucket_start(bucket), bucket_start(bucket + 1)};
    for (const std::string& endpoint : endpoints) {
      Result<window::Window> window = sources_.windows.read({name, endpoint, {}}, range);
      if (!window) return window.error();
      (*due)[bucket].merge(window->endpoints);
    }
  }
  return {};
}

void Evaluator::count_bucket() {
  const std::lock_guard lock(mutex_);
  ++figures_.buckets;
}

Result<void> Evaluator::write(ServiceState& service) {
  std::vector<Notice> notices;
  for (const auto& [event, incident] : service.happenings()) {
    for (Notice& notice : notices_of(incident, event, options_.notices, sources_.clock.now())) {
      notices.push_back(std::move(notice));
    }
  }
  const Result<bool> written = store_state(sources_.store, lease_.proof(), service, notices);
  if (!written) return written.error();
  if (!*written) leads_ = false;  // Somebody else does: what is in memory is not news any more.
  service.stored_at = sources_.clock.now();
  return {};
}

Result<void> Evaluator::save() {
  std::vector<ServicePtr> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, service] : services_) all.push_back(service);
  }
  for (const ServicePtr& service : all) {
    if (!leads_) return {};
    if (auto written = write(*service); !written) return written;
  }
  return {};
}

void Evaluator::put_away_idle(std::int64_t until) {
  std::vector<ServicePtr> idle;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, service] : services_) {
      if (service->is_idle(until - buckets_of(options_.idle_max))) idle.push_back(service);
    }
  }
  for (const ServicePtr& service : idle) {
    if (leads_ && !write(*service)) continue;  // It stays until it could be stored.
    const std::lock_guard lock(mutex_);
    services_.erase(service->name);
  }
}

baseline::SloTargets Evaluator::levels_of(const baseline::Baseline* baseline) const {
  const bool own = baseline != nullptr && baseline->source == baseline::Source::kFile;
  return own ? baseline->slo : options_.slo;
}

Result<void> Evaluator::learn(const baseline::Baseline& baseline) {
  const auto learnt = references_.of(baseline.service, &baseline, levels_of(&baseline));
  return learnt ? Result<void>() : learnt.error();
}

Result<ServiceAlarmsPtr> Evaluator::alarms_of(const std::string& name) {
  if (const ServicePtr service = find(name)) return service->show();
  Result<baseline::BaselinePtr> baseline = sources_.baselines.active(name);
  if (!baseline) return baseline.error();
  Result<std::optional<StoredState>> stored = load_state(sources_.store, name);
  if (!stored) return stored.error();
  ServiceState service(name, sources_.clock.now());
  const baseline::SloTargets levels = levels_of(baseline->get());
  if (*stored && (*stored)->identity == identity_of(baseline->get(), levels)) {
    Result<LearntReferences> learnt = references_.of(name, baseline->get(), levels);
    if (!learnt) return learnt.error();
    service.start(*learnt, *baseline ? (*baseline)->version : 0, std::move(*stored),
                  sources_.clock.now());
  }
  return service.show();
}

std::optional<AlarmBrief> Evaluator::brief_of(const std::string& name) const {
  const ServicePtr service = find(name);
  if (service == nullptr) return std::nullopt;
  return service->brief();
}

Result<EvidenceCourse> Evaluator::course_of(const std::string& name,
                                            const std::string& alarm) const {
  const ServicePtr service = find(name);
  std::optional<EvidenceCourse> course;
  if (service != nullptr) course = service->course(alarm);
  if (course) return *course;
  return Error{ErrorCode::kNotFound, "no alarm " + alarm + " of " + name + " is evaluated"};
}

Result<Backtest> Evaluator::backtest(const std::string& service, const baseline::Baseline* baseline,
                                     TimeRange range) {
  Result<LearntReferences> learnt = references_.of(service, baseline, levels_of(baseline));
  if (!learnt) return learnt.error();
  return alert::backtest(sources_.store, service, *learnt,
                         baseline == nullptr ? 0 : baseline->version, range);
}

Result<std::vector<Incident>> Evaluator::incidents(const std::string& service, std::size_t limit) {
  return list_incidents(sources_.store, service, limit);
}

EvaluatorFigures Evaluator::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace driftguard::alert

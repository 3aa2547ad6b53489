// SPDX-License-Identifier: Apache-2.0
#include "alert/service_state.h"

#include <algorithm>
#include <utility>

#include "alarm/reason.h"
#include "core/hash.h"
#include "rollup/bucket.h"

namespace driftguard::alert {
namespace {

using alarm::State;

// States are stored at different moments, so that a thousand services do not come at once.
constexpr std::uint64_t kSpreadSeconds = 300;

constexpr std::int64_t kBucketsPerMinute = std::chrono::minutes(1) / rollup::kBucketWidth;

std::vector<State> states_of(const alarm::Monitor& monitor) {
  std::vector<State> states;
  for (const alarm::Watch& watch : monitor.watches()) states.push_back(watch.state());
  return states;
}

}  // namespace

const alarm::Alarm* ServiceAlarms::find(std::string_view name) const {
  const auto at = std::find_if(alarms.begin(), alarms.end(),
                               [&](const alarm::Alarm& alarm) { return alarm.name == name; });
  return at == alarms.end() ? nullptr : &*at;
}

const alarm::Alarm* ServiceAlarms::about(std::string_view check) const {
  if (const alarm::Alarm* same = find(check)) return same;
  const alarm::Alarm* longest = nullptr;
  for (const alarm::Alarm& alarm : alarms) {
    const bool about_values =
        alarm.subject == alarm::Subject::kNumbers || alarm.subject == alarm::Subject::kCategories;
    if (!about_values || !check.starts_with(alarm.name + '_')) continue;
    if (longest == nullptr || alarm.name.size() > longest->name.size()) longest = &alarm;
  }
  return longest;
}

ServiceState::ServiceState(std::string service, Time now)
    : name(std::move(service)),
      stored_at(now - std::chrono::seconds(hash64(name) % kSpreadSeconds)),
      last_events_(alarm::bucket_number(rollup::bucket_of(now))) {}

void ServiceState::start(const LearntReferences& learnt, int baseline_version,
                         std::optional<StoredState> stored, Time now) {
  const std::lock_guard lock(mutex_);
  shown_ = nullptr;
  baseline_version_ = baseline_version;
  if (!incident_ && stored) incident_ = std::move(stored->incident);
  if (stored && stored->identity == learnt.identity) {
    Result<alarm::Monitor> monitor =
        alarm::Monitor::decode(learnt.references, learnt.rules, stored->monitor);
    if (monitor) {
      identity = learnt.identity;
      evaluated = stored->evaluated;
      monitor_ = std::move(*monitor);
      courses_ = std::move(stored->courses);
      courses_.resize(monitor_->watches().size());
      return;
    }
  }
  if (incident_) close_incident(now, "baseline replaced");
  identity = learnt.identity;
  evaluated = std::numeric_limits<std::int64_t>::min();
  monitor_.emplace(learnt.references, learnt.rules);
  courses_.assign(monitor_->watches().size(), {});
}

void ServiceState::fold(std::int64_t bucket, std::span<const alarm::EndpointRollup> endpoints) {
  const std::lock_guard lock(mutex_);
  const std::vector<State> before = states_of(*monitor_);
  evaluated = std::max(evaluated, bucket);
  if (!monitor_->fold(alarm::bucket_start(bucket), endpoints)) return;
  if (!endpoints.empty()) last_events_ = bucket;
  shown_ = nullptr;
  note_evidence(bucket);
  note_changes(bucket, before);
}

void ServiceState::note_evidence(std::int64_t bucket) {
  if (bucket % kBucketsPerMinute != kBucketsPerMinute - 1) return;
  const std::int64_t minute = (bucket + 1) / kBucketsPerMinute - 1;
  for (std::size_t i = 0; i < courses_.size(); ++i) {
    courses_[i].add(minute, monitor_->share_of_threshold(i));
  }
}

void ServiceState::note_changes(std::int64_t bucket, const std::vector<State>& before) {
  const std::vector<State> after = states_of(*monitor_);
  if (before == after) return;
  const Time at = alarm::bucket_start(bucket + 1);
  std::optional<std::vector<alarm::Alarm>> alarms;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (before[i] == after[i]) continue;
    if (after[i] == State::kFiring) {
      if (!alarms) alarms = monitor_->alarms();
      note_firing((*alarms)[i], at);
    } else if (before[i] == State::kFiring) {
      note_resolved(monitor_->references()[i].name, at);
    }
  }
}

void ServiceState::note_firing(const alarm::Alarm& alarm, Time at) {
  if (!incident_) {
    incident_.emplace();
    incident_->id = incident_id(name, at);
    incident_->service = name;
    incident_->opened_at = at;
    incident_->baseline_version = baseline_version_;
    happenings_.push_back({NoticeEvent::kOpened, *incident_});
  }
  if (incident_->alarms.size() < Incident::kAlarmsMax) {
    incident_->alarms.push_back({alarm.name, std::string(alarm::subject_name(alarm.subject)), at,
                                 alarm.started, std::nullopt, alarm.return_period_s, alarm.effect,
                                 alarm.reason});
  } else {
    ++incident_->alarms_left_out;
  }
  add_news(*incident_);
}

void ServiceState::note_resolved(const std::string& alarm, Time at) {
  if (!incident_) return;
  for (FiredAlarm& fired : incident_->alarms) {
    if (fired.name == alarm && !fired.resolved_at) fired.resolved_at = at;
  }
  if (incident_->is_firing()) return add_news(*incident_);
  close_incident(at, "resolved");
}

void ServiceState::close_incident(Time at, std::string because) {
  incident_->closed_at = at;
  incident_->closed_because = std::move(because);
  add_news(*incident_);
  happenings_.push_back({NoticeEvent::kResolved, *incident_});
  incident_.reset();
}

void ServiceState::add_news(const Incident& incident) {
  if (!news_.empty() && news_.back().id == incident.id) news_.pop_back();
  news_.push_back(incident);
}

bool ServiceState::is_idle(std::int64_t bucket) const {
  if (last_events_ >= bucket || evaluated < bucket || !news_.empty()) return false;
  const std::lock_guard lock(mutex_);
  return !incident_;
}

StoredState ServiceState::state() const {
  const std::lock_guard lock(mutex_);
  return {identity, evaluated, monitor_->encode(), courses_, incident_};
}

ServiceAlarmsPtr ServiceState::show() {
  const std::lock_guard lock(mutex_);
  if (shown_ != nullptr) return shown_;
  auto shown = std::make_shared<ServiceAlarms>();
  shown->service = name;
  shown->baseline_version = baseline_version_;
  if (monitor_) {
    shown->state = monitor_->state();
    shown->alarms = monitor_->alarms();
    if (const auto last = monitor_->last_bucket()) {
      shown->evaluated_until = *last + rollup::kBucketWidth;
    }
  }
  shown->incident = incident_;
  shown_ = shown;
  return shown_;
}

AlarmBrief ServiceState::brief() const {
  const std::lock_guard lock(mutex_);
  AlarmBrief brief;
  if (!monitor_) return brief;
  brief.state = monitor_->state();
  for (const alarm::Watch& watch : monitor_->watches()) {
    if (watch.state() == State::kFiring) ++brief.firing;
  }
  return brief;
}

std::optional<EvidenceCourse> ServiceState::course(std::string_view alarm) const {
  const std::lock_guard lock(mutex_);
  if (!monitor_ || !monitor_->last_bucket()) return std::nullopt;
  const alarm::References& references = monitor_->references();
  const auto at = std::find_if(references.begin(), references.end(),
                               [&](const auto& reference) { return reference.name == alarm; });
  if (at == references.end()) return std::nullopt;
  const Time end =
      std::chrono::floor<std::chrono::minutes>(*monitor_->last_bucket() + rollup::kBucketWidth);
  const std::int64_t last = end.time_since_epoch() / std::chrono::minutes(1) - 1;
  const Course& course = courses_[static_cast<std::size_t>(at - references.begin())];
  return EvidenceCourse{{end - std::chrono::minutes(Course::kMinutes), end}, course.until(last)};
}

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "alarm/monitor.h"
#include "alert/course.h"
#include "alert/incident.h"
#include "alert/notice.h"
#include "alert/reference_book.h"
#include "alert/service_alarms.h"

namespace driftguard::alert {

// What the store keeps of a service's alarms.
struct StoredState {
  std::string identity;              // Of what its references were learnt from.
  std::int64_t evaluated = 0;        // The last bucket that was folded.
  std::string monitor;               // As alarm::Monitor encodes itself.
  std::vector<Course> courses;       // Of each watch.
  std::optional<Incident> incident;  // The open one.
};

// One service's alarms on their way through time. Members without a lock are the evaluator's
// thread's alone; show() may be called from any.
class ServiceState final {
 public:
  ServiceState(std::string service, Time now);

  const std::string name;
  std::string mark;      // Of the baseline; see BaselineBook::active_mark().
  std::string identity;  // Of what the references were learnt from.
  std::int64_t evaluated = std::numeric_limits<std::int64_t>::min();
  Time stored_at;

  bool has_monitor() const { return monitor_.has_value(); }
  // Begins against these references, going on from `stored` where that was against the same. An
  // incident against others is closed.
  void start(const LearntReferences& learnt, int baseline_version,
             std::optional<StoredState> stored, Time now);
  // Folds a closed bucket; alarms that begin or end to fire become news. Does nothing if this or a
  // later one was folded before.
  void fold(std::int64_t bucket, std::span<const alarm::EndpointRollup> endpoints);

  // Neither events since `bucket` nor anything to watch over.
  bool is_idle(std::int64_t bucket) const;

  // Incidents that changed and were not stored yet, oldest first.
  bool has_news() const { return !news_.empty(); }
  const std::vector<Incident>& news() const { return news_; }
  // What there is to tell of them: that they opened or closed.
  struct Happening {
    NoticeEvent event;
    Incident incident;
  };
  const std::vector<Happening>& happenings() const { return happenings_; }
  void clear_news() {
    news_.clear();
    happenings_.clear();
  }
  StoredState state() const;

  ServiceAlarmsPtr show();
  AlarmBrief brief() const;
  // How an alarm's evidence went; empty: there is none of that name.
  std::optional<EvidenceCourse> course(std::string_view alarm) const;

 private:
  void note_evidence(std::int64_t bucket);
  void note_changes(std::int64_t bucket, const std::vector<alarm::State>& before);
  void note_firing(const alarm::Alarm& alarm, Time at);
  void note_resolved(const std::string& alarm, Time at);
  void close_incident(Time at, std::string because);
  void add_news(const Incident& incident);

  std::int64_t last_events_;  // The bucket that had some, or in which this was taken up.
  std::vector<Incident> news_;
  std::vector<Happening> happenings_;

  mutable std::mutex mutex_;
  // Guarded by mutex_ against show().
  int baseline_version_ = 0;
  std::optional<alarm::Monitor> monitor_;
  std::vector<Course> courses_;  // Of each watch.
  std::optional<Incident> incident_;
  ServiceAlarmsPtr shown_;  // Null: made when somebody asks.
};

}  // namespace driftguard::alert

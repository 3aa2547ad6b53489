// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "alert/service_alarms.h"
#include "baseline/baseline_book.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/result.h"
#include "report/report.h"
#include "window/window_reader.h"

namespace driftguard::report {

// What a report is asked about.
struct ReportQuery {
  std::string service;  // Empty: the only one, or the configured one.
  std::optional<std::string> endpoint;
  std::optional<std::string> host;
  int window_minutes = 0;                  // 0: the configured one.
  std::optional<Time> at;                  // The window's end; empty: now.
  std::optional<TimeRange> range;          // Instead of window_minutes and at.
  baseline::BaselineChoice baseline = {};  // What reports and checks compare with.
};

// What a question is about, once what it left out is filled in.
struct Scope {
  window::Segment segment;
  TimeRange range;
  int window_minutes = 0;
};

// Gives a service's alarms; null is for "nothing is known of them".
using AlarmsOf = std::function<Result<alert::ServiceAlarmsPtr>(const std::string& service)>;

// Makes reports from the store. Thread-safe; what it refers to must outlive it.
class ReportDesk final {
 public:
  ReportDesk(store::Store& store, window::WindowReader& windows, baseline::BaselineBook& baselines,
             baseline::FeatureNames& names, const ingest::FeatureRules& rules, const Clock& clock,
             const Config& config, AlarmsOf alarms_of = {});

  // kInvalidArgument: no service named and several there (the detail names them), or a window out
  // of range. A segment that was never seen gives a report without samples.
  Result<Report> make(const ReportQuery& query);

  // kInvalidArgument: as for make().
  Result<Scope> scope_of(const ReportQuery& query);

  // The two sides as a report sees them, whose service is the segment's. `baseline` may be null.
  Result<Comparison> compare_sides(const window::Window& live,
                                   const baseline::BaselinePtr& baseline,
                                   const window::Segment& segment);

  // The baseline of `to` compared with that of `from`, as if it were live traffic.
  Result<Report> compare(const std::string& service, int from_version, int to_version);

  // Makes what the query compares with the active version, and gives its number: a version itself,
  // a baseline made on the fly as a new one. kNotFound: there is no such version, or the baseline
  // has too little to it yet (the detail says what). kInvalidArgument: it is the active one.
  Result<int> promote(const ReportQuery& query);

  // The check of reports that looks at the same as an alarm of the service, by the measure that is
  // configured: "amount_wasserstein" of "amount". Empty: none, or, as of values that are missing or
  // of another type, one that reports show only while there is something to it.
  std::optional<std::string> check_beside(const std::string& service,
                                          const alarm::Alarm& alarm) const;

  // Which service a question without one is about.
  Result<std::string> service_of(const std::string& asked);

 private:
  Result<TimeRange> range_of(const ReportQuery& query, int* window_minutes) const;
  Result<void> fill(const window::Window& live, const baseline::BaselinePtr& baseline,
                    Report* report);

  store::Store& store_;
  window::WindowReader& windows_;
  baseline::BaselineBook& baselines_;
  baseline::FeatureNames& names_;
  const ingest::FeatureRules& rules_;
  const Clock& clock_;
  const Config config_;
  const AlarmsOf alarms_of_;
};

}  // namespace driftguard::report

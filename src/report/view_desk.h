// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/config.h"
#include "report/check_detail.h"
#include "report/examples.h"
#include "report/hosts.h"
#include "report/outline_memo.h"
#include "report/report_desk.h"
#include "report/timeline.h"

namespace driftguard::report {

// What a view is made from; all of it must outlive the desk.
struct ViewSources {
  store::Store& store;
  window::WindowReader& windows;
  baseline::BaselineBook& baselines;
  ReportDesk& desk;
  const ingest::FeatureRules& rules;
  const Clock& clock;
  // A service's alarms in short, if they are known. May be empty.
  std::function<std::optional<alert::AlarmBrief>(const std::string& service)> alarm_of = {};
};

struct TimelineQuery {
  ReportQuery of;
  int steps_max = 60;
  std::optional<std::string> check;  // Empty: all of them.
};

// Answers what people look at beside the report itself. Thread-safe. The errors of every method are
// those of ReportDesk::make(), besides those named.
class ViewDesk final {
 public:
  ViewDesk(const ViewSources& sources, const Config& config);

  // kNotFound: there is no check of that name in any step. If there are more features than can be
  // compared at every step, only those are that are worst over the whole of it.
  Result<Timeline> timeline(const TimelineQuery& query);

  // kNotFound: there is no check of that name.
  Result<CheckDetail> check(const ReportQuery& query, const std::string& name,
                            const DetailOptions& options);
  Result<Examples> examples(const ReportQuery& query, const std::string& name, std::size_t limit);

  Result<Hosts> hosts(const ReportQuery& query);

  // A segment in short, and the same remembered from the last time it was asked for. By which
  // checks are wanted; `wanted_key` tells such filters apart.
  Result<SegmentOutline> outline(const window::Window& live, const window::Segment& segment,
                                 const baseline::BaselinePtr& baseline, const CheckFilter& wanted);
  Result<OutlineMemo::Made> known_outline(const window::Window& live,
                                          const window::Segment& segment,
                                          const baseline::BaselinePtr& baseline,
                                          const CheckFilter& wanted, const std::string& wanted_key);

 private:
  struct Steps;

  Result<void> outline_steps(const Scope& scope, Steps* steps);
  Result<void> choose_features(const Scope& scope, Steps* steps);

  const ViewSources sources_;
  const Config config_;
  OutlineMemo memo_;
};

}  // namespace driftguard::report

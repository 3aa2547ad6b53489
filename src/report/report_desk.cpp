// SPDX-License-Identifier: Apache-2.0
#include "report/report_desk.h"

#include <fmt/format.h>

#include "rollup/bucket.h"

namespace driftguard::report {
namespace {

constexpr int kWindowMinutesMax = 43'200;

// Longer than any window by minutes, but not without end: at most a century of buckets.
constexpr std::chrono::hours kRangeMax{24 * 366 * 100};

}  // namespace

ReportDesk::ReportDesk(store::Store& store, window::WindowReader& windows,
                       baseline::BaselineBook& baselines, baseline::FeatureNames& names,
                       const ingest::FeatureRules& rules, const Clock& clock, const Config& config,
                       AlarmsOf alarms_of)
    : store_(store),
      windows_(windows),
      baselines_(baselines),
      names_(names),
      rules_(rules),
      clock_(clock),
      config_(config),
      alarms_of_(std::move(alarms_of)) {}

Result<std::string> ReportDesk::service_of(const std::string& asked) {
  if (!asked.empty()) return asked;
  Result<std::vector<store::SegmentName>> segments = store_.list_segments("");
  if (!segments) return segments.error();
  std::vector<std::string> services;
  for (const store::SegmentName& segment : *segments) {
    if (services.empty() || services.back() != segment.service) services.push_back(segment.service);
  }
  if (services.size() == 1) return services.front();
  if (!config_.default_service.empty()) return config_.default_service;
  if (services.empty()) {
    return Error{ErrorCode::kInvalidArgument, "name a service: none has sent events yet"};
  }
  constexpr std::size_t kNamedMax = 50;
  std::string names;
  for (std::size_t i = 0; i < std::min(services.size(), kNamedMax); ++i) {
    names += (i == 0 ? "" : ", ") + services[i];
  }
  if (services.size() > kNamedMax) {
    names += fmt::format(" and {} more", services.size() - kNamedMax);
  }
  return Error{ErrorCode::kInvalidArgument, "name a service, one of: " + names};
}

Result<TimeRange> ReportDesk::range_of(const ReportQuery& query, int* window_minutes) const {
  if (query.range) {
    const auto length = query.range->to - query.range->from;
    if (length <= Microseconds{0} || length > kRangeMax) {
      return Error{ErrorCode::kInvalidArgument, "from must lie before to, by a century at most"};
    }
    *window_minutes = static_cast<int>(std::chrono::ceil<std::chrono::minutes>(length).count());
    return *query.range;
  }
  *window_minutes = query.window_minutes == 0 ? config_.drift_window_minutes : query.window_minutes;
  if (*window_minutes < 1 || *window_minutes > kWindowMinutesMax) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("window_minutes: {} is not from 1 to {}",
                                                          *window_minutes, kWindowMinutesMax)};
  }
  const Time to = query.at.value_or(clock_.now());
  return TimeRange{to - std::chrono::minutes(*window_minutes), to};
}

Result<Scope> ReportDesk::scope_of(const ReportQuery& query) {
  Scope scope;
  Result<TimeRange> range = range_of(query, &scope.window_minutes);
  if (!range) return range.error();
  Result<std::string> service = service_of(query.service);
  if (!service) return service.error();
  scope.range = *range;
  scope.segment = {std::move(*service), query.endpoint, query.host};
  return scope;
}

Result<Report> ReportDesk::make(const ReportQuery& query) {
  Report report;
  report.generated_at = clock_.now();
  Result<Scope> scope = scope_of(query);
  if (!scope) return scope.error();
  report.window_minutes = scope->window_minutes;
  report.segment = std::move(scope->segment);
  Result<window::Window> live = windows_.read(report.segment, scope->range);
  if (!live) return live.error();
  Result<baseline::Chosen> chosen =
      baselines_.choose(report.segment.service, query.baseline, live->range);
  if (!chosen) return chosen.error();
  report.baseline_reason = chosen->reason;
  if (auto filled = fill(*live, chosen->baseline, &report); !filled) return filled.error();
  // Alarms are about now, and about the active baseline.
  if (alarms_of_ && !query.at && !query.range && query.baseline == baseline::BaselineChoice{}) {
    Result<alert::ServiceAlarmsPtr> alarms = alarms_of_(report.segment.service);
    if (!alarms) return alarms.error();
    report.alarms = std::move(*alarms);
  }
  return report;
}

Result<Comparison> ReportDesk::compare_sides(const window::Window& live,
                                             const baseline::BaselinePtr& baseline,
                                             const window::Segment& segment) {
  Result<Comparison> comparison = Comparison::of(
      live, baseline.get(), segment,
      [&](const std::string& pointer) { return names_.name_of(segment.service, pointer); },
      [&](const std::string& pointer) -> std::optional<FeatureKind> {
        const FeatureRule* rule = rules_.find(segment.service, pointer);
        return rule == nullptr ? std::nullopt : rule->kind;
      });
  if (!comparison) return comparison;
  comparison->judge_by([&](const std::string& pointer, FeatureKind kind) {
    return judging_of(config_, rules_.find(segment.service, pointer), kind);
  });
  return comparison;
}

std::optional<std::string> ReportDesk::check_beside(const std::string& service,
                                                    const alarm::Alarm& alarm) const {
  FeaturePair feature;
  switch (alarm.subject) {
    case alarm::Subject::kNumbers:
      feature.kind = FeatureKind::kNumeric;
      break;
    case alarm::Subject::kCategories:
      feature.kind = FeatureKind::kCategorical;
      break;
    case alarm::Subject::kFailures:
      return kSuccessRateName;
    case alarm::Subject::kSlow:
      return kLatencyName;
    case alarm::Subject::kMissing:
    case alarm::Subject::kMistyped:
    case alarm::Subject::kLatency:
    case alarm::Subject::kJoint:
      return std::nullopt;
  }
  const FeatureRule* rule = rules_.find(service, alarm.pointer);
  if (rule != nullptr) feature.kind = rule->kind.value_or(feature.kind);
  feature.name = alarm.name;
  feature.judging = judging_of(config_, rule, feature.kind);
  return check_name(feature);
}

Result<Report> ReportDesk::compare(const std::string& service, int from_version, int to_version) {
  Result<baseline::BaselinePtr> from = baselines_.load(service, from_version);
  if (!from) return from.error();
  Result<baseline::BaselinePtr> to = baselines_.load(service, to_version);
  if (!to) return to.error();
  Report report;
  report.generated_at = clock_.now();
  report.segment.service = service;
  const window::Window live{(*to)->range, (*to)->endpoints};
  report.window_minutes = static_cast<int>(
      std::chrono::ceil<std::chrono::minutes>(live.range.to - live.range.from).count());
  if (auto filled = fill(live, *from, &report); !filled) return filled.error();
  return report;
}

Result<int> ReportDesk::promote(const ReportQuery& query) {
  using Kind = baseline::BaselineChoice::Kind;
  if (query.baseline.kind == Kind::kActive) {
    return Error{ErrorCode::kInvalidArgument,
                 "baseline: name what to promote: trailing, seasonal or a version"};
  }
  Result<Scope> scope = scope_of(query);
  if (!scope) return scope.error();
  const std::string& service = scope->segment.service;
  if (query.baseline.kind == Kind::kVersion) {
    auto done = baselines_.activate(service, query.baseline.version);
    if (!done) return done.error();
    return query.baseline.version;
  }
  Result<baseline::Chosen> chosen =
      baselines_.choose(service, query.baseline, rollup::whole_buckets(scope->range));
  if (!chosen) return chosen.error();
  if (!chosen->baseline) return Error{ErrorCode::kNotFound, chosen->reason};
  Result<baseline::BaselinePtr> kept = baselines_.keep(*chosen->baseline);
  if (!kept) return kept.error();
  return (*kept)->version;
}

Result<void> ReportDesk::fill(const window::Window& live, const baseline::BaselinePtr& baseline,
                              Report* report) {
  report->covers = live.range;
  for (const auto& [endpoint, rollup] : live.endpoints) report->samples += rollup->events;
  report->baseline = ref_of(baseline.get());
  Result<Comparison> comparison = compare_sides(live, baseline, report->segment);
  if (!comparison) return comparison.error();
  report->checks = make_checks(*comparison, rules_of(config_, baseline.get()));
  return {};
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// The report: a window against a baseline.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/service_alarms.h"
#include "baseline/baseline.h"
#include "core/config.h"
#include "report/check.h"
#include "report/comparison.h"
#include "window/window.h"

namespace driftguard::report {

struct ReportRules {
  KsRules ks;
  PsiRules psi;
  MeasureRules measures;
  SchemaRules schema;
  baseline::SloTargets slo;  // Of a pinned baseline file, if there is one, else configured.
};
ReportRules rules_of(const Config& config);
// With the targets of a pinned file, if that is what the baseline (null: none) is.
ReportRules rules_of(const Config& config, const baseline::Baseline* baseline);

struct BaselineRef {
  int version = 0;
  Time created_at;
  std::uint64_t samples = 0;
  baseline::Source source = baseline::Source::kStore;
  TimeRange range = {};  // Of the events.
};
std::optional<BaselineRef> ref_of(const baseline::Baseline* baseline);  // Null: nothing.

using NamedChecks = std::vector<std::pair<std::string, Check>>;  // By name: "amount_ks".

struct Report {
  Time generated_at;
  int window_minutes = 0;
  TimeRange covers;  // The whole buckets that were counted.
  window::Segment segment;
  std::uint64_t samples = 0;
  std::optional<BaselineRef> baseline;
  std::string baseline_reason;  // Why there is none, where more is to be said than that.
  NamedChecks checks;
  // Of the whole service, as of now; null where that is not what was asked for.
  alert::ServiceAlarmsPtr alarms;

  bool ok() const;
};

inline constexpr const char* kSuccessRateName = "success_rate";
inline constexpr const char* kLatencyName = "latency_p95";
inline constexpr const char* kSchemaName = "schema";

// By the feature's own measure; muted where its rule says so.
Check check_feature(const FeaturePair& pair, bool has_baseline, const ReportRules& rules);

// How a rule (null: none) and the configuration have a feature judged.
Judging judging_of(const Config& config, const FeatureRule* rule, FeatureKind kind);

// Which checks are wanted, by name.
using CheckFilter = std::function<bool(const std::string& name)>;

// The checks wanted: features in the order of their names, then those of the service level, then,
// with a baseline, those of the schema: of features that have something missing or of another type
// (has_quality), and of the whole.
NamedChecks make_checks(const Comparison& comparison, const ReportRules& rules,
                        const CheckFilter& wanted);
NamedChecks make_checks(const Comparison& comparison, const ReportRules& rules);  // All.

// The contract's JSON.
std::string to_json(const Report& report);

}  // namespace driftguard::report

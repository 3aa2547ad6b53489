// SPDX-License-Identifier: Apache-2.0
// The checks of the shape of events (report/schema.h): one of a whole segment, `schema`, and of a
// feature how often it is missing and how often it is of another type. Pure functions; safe from
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/feature_side.h"
#include "report/schema.h"

namespace driftguard::report {

// `schema`: fails when a change is found that is not muted.
struct SchemaCheck {
  bool ok = true;
  bool insufficient_samples = false;  // No endpoint has enough events on both sides.
  double p_min = 0;                   // The rule.
  SchemaAnalysis found;

  std::uint64_t changes() const;  // Without those within another.
};
SchemaCheck check_schema(const SchemaAnalysis& found, const SchemaRules& rules);

// What a feature is watched for beside its distribution.
enum class QualityKind { kMissing, kType };

// `<feature>_missing`: the share of events where it is absent or null. `<feature>_type`: the share
// of values that are of another kind. Fails when `schema` finds that this changed at an endpoint.
struct QualityCheck {
  bool ok = true;
  bool insufficient_samples = false;
  Treatment treatment;
  QualityKind kind = QualityKind::kMissing;
  stats::Proportion live;  // Over all endpoints.
  stats::Proportion baseline;
  double p_min = 0;       // The rule, these two.
  double change_min = 0;  // How far apart the shares of an endpoint must be.
  // Of the endpoint where it changed most surely, times the number of tests of the schema check, at
  // most 1. Empty: no endpoint has enough events.
  std::optional<double> p_value;
  std::vector<SchemaFinding> changes;  // By endpoint, the largest first; those of `schema`.

  std::optional<double> live_share() const;  // Empty: of nothing.
  std::optional<double> baseline_share() const;
};

struct FeaturePair;
class Comparison;

// Of a feature that the baseline has.
QualityCheck check_quality(const Comparison& comparison, const FeaturePair& feature,
                           QualityKind kind, const SchemaAnalysis& found, const SchemaRules& rules);

// Whether a report shows it: on one side at least something is missing (of another kind).
bool has_quality(const FeaturePair& feature, QualityKind kind);

// What changed, in plain words: "card vanished at POST /pay, was in 100 % of events".
std::string text_of(const SchemaFinding& finding);

// "amount_missing", "amount_type".
std::string quality_name(const FeaturePair& feature, QualityKind kind);

}  // namespace driftguard::report

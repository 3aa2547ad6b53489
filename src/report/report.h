// SPDX-License-Identifier: Apache-2.0
// The report: a window against a baseline.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "baseline/baseline.h"
#include "core/config.h"
#include "report/check.h"
#include "window/window.h"

namespace driftguard::report {

struct ReportRules {
  KsRules ks;
  PsiRules psi;
  baseline::SloTargets slo;  // Of a pinned baseline file, if there is one, else configured.
};
ReportRules rules_of(const Config& config);

struct BaselineRef {
  int version = 0;
  Time created_at;
  std::uint64_t samples = 0;
  baseline::Source source = baseline::Source::kStore;
};

struct Report {
  Time generated_at;
  int window_minutes = 0;
  TimeRange covers;  // The whole buckets that were counted.
  window::Segment segment;
  std::uint64_t samples = 0;
  std::optional<BaselineRef> baseline;
  std::vector<std::pair<std::string, Check>> checks;  // By name: "amount_ks".

  bool ok() const;
};

// Gives the name of the feature at a pointer.
using NameOf = std::function<Result<std::string>(const std::string& pointer)>;

// How the feature at a pointer is declared, if it is.
using KindOf = std::function<std::optional<FeatureKind>(const std::string& pointer)>;

// The checks of `live` against `baseline` (null: there is none), features in the order of their
// names. Pure but for `name_of`.
//
// A feature's kind is the declared one, else what most of the baseline's values are, else what
// most live values are. By host, live is compared with all hosts' baseline.
Result<std::vector<std::pair<std::string, Check>>> make_checks(
    const window::Window& live, const baseline::Baseline* baseline, const window::Segment& segment,
    const ReportRules& rules, const NameOf& name_of, const KindOf& kind_of);

// The contract's JSON.
std::string to_json(const Report& report);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// How every check went over time. Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/outline.h"
#include "report/time_grid.h"

namespace driftguard::report {

struct Timeline {
  Time generated_at;
  window::Segment segment;
  TimeGrid grid;
  std::optional<BaselineRef> baseline;
  baseline::SloTargets slo;
  std::vector<SegmentOutline> steps;  // As many as the grid has.
};

// One check's way through the steps; null where it did not exist.
struct TimelineRow {
  std::string name;
  CheckKind kind = CheckKind::kKs;
  std::vector<const Outline*> cells;
};

// The rows of a timeline, which must outlive them: features in the order of their names, then the
// service level. If there are more than `features_max` features, the most severe ones.
struct TimelineRows {
  std::vector<TimelineRow> rows;
  std::size_t omitted = 0;
};
TimelineRows rows_of(const Timeline& timeline, std::size_t features_max);

// "amount" of "amount_ks"; empty for a check of the service level.
std::string_view feature_of(const std::string& name, CheckKind kind);

inline constexpr std::size_t kTimelineFeaturesMax = 200;
std::string to_json(const Timeline& timeline);

}  // namespace driftguard::report

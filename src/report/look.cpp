// SPDX-License-Identifier: Apache-2.0
#include "report/look.h"

namespace driftguard::report {

Result<Look> look_into(const ViewSources& sources, const Config& config, const ReportQuery& query,
                       const std::string& name, const DetailOptions& options) {
  CheckDetail detail;
  detail.generated_at = sources.clock.now();
  Result<Scope> scope = sources.desk.scope_of(query);
  if (!scope) return scope.error();
  Result<window::Window> live = sources.windows.read(scope->segment, scope->range);
  if (!live) return live.error();
  Result<baseline::Chosen> chosen =
      sources.baselines.choose(scope->segment.service, query.baseline, live->range);
  if (!chosen) return chosen.error();
  const baseline::BaselinePtr& baseline = chosen->baseline;
  Result<Comparison> comparison = sources.desk.compare_sides(*live, baseline, scope->segment);
  if (!comparison) return comparison.error();
  Result<Detail> made = detail_of(*comparison, name, rules_of(config, baseline.get()), options);
  if (!made) return made.error();
  detail.detail = std::move(*made);
  detail.window_minutes = scope->window_minutes;
  detail.covers = live->range;
  detail.segment = std::move(scope->segment);
  for (const auto& [endpoint, rollup] : live->endpoints) detail.samples += rollup->events;
  detail.baseline = ref_of(baseline.get());
  detail.name = name;
  return Look{std::move(detail), std::move(*live), baseline, std::move(*comparison)};
}

}  // namespace driftguard::report

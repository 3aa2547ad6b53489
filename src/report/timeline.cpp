// SPDX-License-Identifier: Apache-2.0
#include "report/timeline.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "report/report_json.h"

namespace driftguard::report {
namespace {

double worst_severity(const TimelineRow& row) {
  double worst = -1;
  for (const Outline* cell : row.cells) {
    if (cell != nullptr && cell->severity) worst = std::max(worst, *cell->severity);
  }
  return worst;
}

// A column of one row: `of` gives the cell's value, `none` stands where there is no cell.
template <typename Of>
Json column(const TimelineRow& row, const Json& none, const Of& of) {
  Json values = Json::array();
  for (const Outline* cell : row.cells) values.push_back(cell == nullptr ? none : Json(of(*cell)));
  return values;
}

template <typename Of>
Json column(const Timeline& timeline, const Of& of) {
  Json values = Json::array();
  for (const SegmentOutline& step : timeline.steps) values.push_back(of(step));
  return values;
}

Json row_json(const TimelineRow& row) {
  Json json;
  json["name"] = row.name;
  json["kind"] = kind_name(row.kind);
  if (is_of_feature(row.kind)) json["feature"] = feature_of(row.name, row.kind);
  json["states"] = column(row, state_name(State::kInsufficient),
                          [](const Outline& cell) { return state_name(cell.state); });
  json["n"] = column(row, 0, [](const Outline& cell) { return cell.n; });
  json["values"] = column(row, nullptr, [](const Outline& cell) { return quantity(cell.value); });
  json["limits"] = column(row, nullptr, [](const Outline& cell) { return quantity(cell.limit); });
  json["p_values"] = column(row, nullptr, [](const Outline& cell) { return real(cell.p_value); });
  json["severities"] =
      column(row, nullptr, [](const Outline& cell) { return real(cell.severity); });
  return json;
}

}  // namespace

std::string_view feature_of(const std::string& name, CheckKind kind) {
  if (!is_of_feature(kind)) return {};
  return std::string_view(name).substr(0, name.size() - kind_name(kind).size() - 1);
}

TimelineRows rows_of(const Timeline& timeline, std::size_t features_max) {
  std::map<std::string, TimelineRow> features;
  std::vector<TimelineRow> levels;  // Of service.
  for (std::size_t i = 0; i < timeline.steps.size(); ++i) {
    for (const Outline& cell : timeline.steps[i].checks) {
      TimelineRow fresh{cell.name, cell.kind, {}};
      TimelineRow* row = nullptr;
      if (is_of_feature(fresh.kind)) {
        row = &features.try_emplace(cell.name, std::move(fresh)).first->second;
      } else {
        const auto at = std::find_if(levels.begin(), levels.end(), [&](const TimelineRow& known) {
          return known.kind == cell.kind;
        });
        row = at != levels.end() ? &*at : &levels.emplace_back(std::move(fresh));
      }
      row->cells.resize(timeline.steps.size());
      row->cells[i] = &cell;
    }
  }
  std::vector<std::pair<double, TimelineRow*>> ranked;
  for (auto& [name, row] : features) ranked.emplace_back(worst_severity(row), &row);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  const std::size_t shown = std::min(ranked.size(), features_max);
  TimelineRows rows;
  rows.omitted = ranked.size() - shown;
  ranked.resize(shown);
  for (const auto& [severity, row] : ranked) rows.rows.push_back(std::move(*row));
  std::sort(rows.rows.begin(), rows.rows.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (TimelineRow& row : levels) rows.rows.push_back(std::move(row));
  return rows;
}

std::string to_json(const Timeline& timeline) {
  assert(timeline.steps.size() == static_cast<std::size_t>(timeline.grid.steps));
  Json json;
  json["generated_at"] = format_rfc3339(timeline.generated_at);
  json["service"] = timeline.segment.service;
  if (timeline.segment.endpoint) json["endpoint"] = *timeline.segment.endpoint;
  if (timeline.segment.host) json["host"] = *timeline.segment.host;
  json["from"] = format_rfc3339(timeline.grid.from);
  json["to"] = format_rfc3339(timeline.grid.to());
  json["step_seconds"] = timeline.grid.step.count();
  json["steps"] = timeline.grid.steps;
  json["baseline"] = baseline_json(timeline.baseline);
  json["samples"] = column(timeline, [](const SegmentOutline& step) { return step.samples; });
  json["states"] =
      column(timeline, [](const SegmentOutline& step) { return state_name(step.state); });
  Json& success = json["success_rate"];
  success["values"] =
      column(timeline, [](const SegmentOutline& step) { return real(step.success_rate); });
  success["min"] = timeline.slo.success_rate_min;
  Json& latency = json["latency"];
  latency["p50"] =
      column(timeline, [](const SegmentOutline& step) { return quantity(step.p50_ms); });
  latency["p95"] =
      column(timeline, [](const SegmentOutline& step) { return quantity(step.p95_ms); });
  latency["p99"] =
      column(timeline, [](const SegmentOutline& step) { return quantity(step.p99_ms); });
  latency["max"] = quantity(timeline.slo.latency_p95_max);
  const TimelineRows rows = rows_of(timeline, kTimelineFeaturesMax);
  Json& checks = json["checks"] = Json::array();
  for (const TimelineRow& row : rows.rows) checks.push_back(row_json(row));
  json["checks_omitted"] = rows.omitted;
  return text_of(json);
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "report/report_json.h"
#include "report/slo_desk.h"

namespace driftguard::report {
namespace {

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kNone:
      return "none";
    case Severity::kTicket:
      return "ticket";
    case Severity::kPage:
      return "page";
  }
  return "";
}

void add_counts(const SloCounts& counts, Json& json) {
  json["total"] = counts.total;
  json["failed"] = counts.failed;
  json["failed_unsure"] = counts.failed_unsure;
}

Json window_json(const BurnWindow& window) {
  Json json;
  json["minutes"] = window.length.count();
  add_counts(window.counts, json);
  json["failure_rate"] = real(window.rate);
  json["interval_95"] = {real(window.interval.low), real(window.interval.high)};
  json["burn_rate"] = real(window.burn_rate);
  json["above"] = window.above;
  json["exceeds"] = window.exceeds;
  return json;
}

Json level_json(const BurnVerdict& verdict, const SloStatus& slo, const SloWords& words) {
  Json json;
  json["severity"] = severity_name(verdict.level.severity);
  json["burning"] = verdict.burning();
  json["factor"] = verdict.level.factor;
  json["threshold"] = verdict.threshold;
  json["budget_share"] = verdict.level.budget_share;
  json["long"] = window_json(verdict.long_window);
  json["short"] = window_json(verdict.short_window);
  json["summary"] = sentence_of(verdict, slo, words);
  return json;
}

Json left_json(const BudgetLeft& left) {
  Json json;
  json["period_days"] = kBudgetPeriod.count();
  add_counts(left.counts, json);
  json["allowed"] = left.allowed;
  json["left"] = real(left.left);
  return json;
}

Json slo_json(const SloStatus& slo, const SloWords& words) {
  Json json;
  json["objective"] = slo.objective;
  json["budget"] = slo.budget;
  json["severity"] = severity_name(slo.severity());
  json["summary"] = sentence_of(slo, words);
  json["budget_left"] = left_json(slo.left);
  Json& levels = json["levels"] = Json::array();
  for (const BurnVerdict& verdict : slo.levels) levels.push_back(level_json(verdict, slo, words));
  return json;
}

Json volume_json(const VolumeStatus& volume) {
  const bool known = volume.state != VolumeState::kInsufficientBaseline;
  Json json;
  json["state"] = state_name(volume.state);
  json["minutes"] = kVolumeStretch.count();
  json["events"] = volume.events;
  json["expected"] = known ? real(volume.expected) : Json(nullptr);
  json["low"] = known ? real(volume.low) : Json(nullptr);
  json["high"] = known ? real(volume.high) : Json(nullptr);
  json["baseline_stretches"] = volume.stretches;
  json["summary"] = sentence_of(volume);
  return json;
}

}  // namespace

std::string to_json(const SloView& view) {
  Json json;
  json["generated_at"] = format_rfc3339(view.generated_at);
  json["to"] = format_rfc3339(view.to);
  json["service"] = view.segment.service;
  if (view.segment.endpoint) json["endpoint"] = *view.segment.endpoint;
  json["baseline"] = baseline_json(view.baseline);
  json["severity"] = severity_name(view.severity());
  json["success_rate"] = slo_json(view.success_rate, {"requests with a status", "failed"});
  Json latency =
      slo_json(view.latency, {"requests with a duration",
                              fmt::format("took longer than {:.6g} ms", view.latency_limit_ms)});
  latency["limit_ms"] = quantity(view.latency_limit_ms);
  json["latency"] = std::move(latency);
  json["volume"] = volume_json(view.volume);
  return text_of(json);
}

}  // namespace driftguard::report

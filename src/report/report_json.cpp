// SPDX-License-Identifier: Apache-2.0
#include "report/report_json.h"

#include <algorithm>
#include <cmath>

#include "alert/alarm_json.h"

namespace driftguard::report {

Json real(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json real(const std::optional<double>& value) { return value ? real(*value) : Json(nullptr); }

Json quantity(double value) {
  constexpr double kExactMax = 9007199254740992.0;  // 2^53
  if (std::trunc(value) == value && std::fabs(value) <= kExactMax) {
    return static_cast<std::int64_t>(value);
  }
  return real(value);
}
Json quantity(const std::optional<double>& value) {
  return value ? quantity(*value) : Json(nullptr);
}
Json quantities(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(quantity(value));
  return list;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

template <typename AnyCheck>
void add_flags(const AnyCheck& check, Json& json) {
  if (check.insufficient_samples) json["insufficient_samples"] = true;
  if constexpr (requires { check.insufficient_baseline; }) {
    if (check.insufficient_baseline) json["insufficient_baseline"] = true;
  }
  if constexpr (requires { check.treatment; }) {
    if (check.treatment.critical) json["critical"] = true;
    if (check.treatment.muted) json["muted"] = true;
    if (check.treatment.would_fail) json["would_fail"] = true;
  }
  if constexpr (requires { check.direction; }) {
    if (check.direction != Direction::kBoth) json["direction"] = direction_name(check.direction);
  }
}

void add_presence(const Presence& live, const Presence& baseline, Json& json) {
  json["live_missing"] = live.missing;
  json["baseline_missing"] = baseline.missing;
  json["live_type_mismatches"] = live.mismatched;
  json["baseline_type_mismatches"] = baseline.mismatched;
}

Json one_check(const KsCheck& check) {
  Json json;
  json["ok"] = check.ok;
  json["p_value"] = real(check.p_value);
  json["p_min"] = check.p_min;
  json["d"] = real(check.d);
  json["live_n"] = check.live.n;
  json["baseline_n"] = check.baseline.n;
  add_flags(check, json);
  if (check.d) json["method"] = check.exact_p ? "exact" : "asymptotic";
  if (check.d) json["d_error"] = check.d_error;
  if (check.d_error > 0) json["p_low"] = real(check.p_low);
  if (check.undecided_by_resolution) json["undecided_by_resolution"] = true;
  if (check.at) json["at"] = quantity(check.at);
  json["live_median"] = quantity(check.live_median);
  json["baseline_median"] = quantity(check.baseline_median);
  add_presence(check.live, check.baseline, json);
  return json;
}

Json one_check(const PsiCheck& check) {
  Json json;
  json["ok"] = check.ok;
  json["psi"] = real(check.psi);
  json["psi_max"] = check.psi_max;
  json["live_counts"] = check.live_counts;
  json["baseline_counts"] = check.baseline_counts;
  json["live_n"] = check.live.n;
  json["baseline_n"] = check.baseline.n;
  add_flags(check, json);
  json["p_value"] = real(check.p_value);
  json["expected_psi"] = real(check.expected);
  json["new_categories"] = check.new_categories;
  json["vanished_categories"] = check.vanished_categories;
  if (!check.edges.empty()) json["edges"] = quantities(check.edges);
  add_presence(check.live, check.baseline, json);
  return json;
}

void add_table(const ShareTable& table, Json& json) {
  json["live_counts"] = table.live_counts;
  json["baseline_counts"] = table.baseline_counts;
  json["new_categories"] = table.new_categories;
  json["vanished_categories"] = table.vanished_categories;
  if (!table.edges.empty()) json["edges"] = quantities(table.edges);
}

// Where summaries leave room for more than one value.
void add_bracket(const MeasureCheck& check, Json& json) {
  if (!check.value || (check.value_low == check.value && check.value_high == check.value)) return;
  json["value_low"] = real(check.value_low);
  json["value_high"] = real(check.value_high);
  if (!check.p_value) return;
  json["p_low"] = real(check.p_low);
  json["p_high"] = real(check.p_high);
}

Json one_check(const MeasureCheck& check) {
  Json json;
  json["ok"] = check.ok;
  json["measure"] = measure_name(check.measure);
  json["value"] = real(check.value);
  if (is_test(check.measure)) json["p_value"] = real(check.p_value);
  json["threshold"] = check.threshold;
  json["live_n"] = check.live.n;
  json["baseline_n"] = check.baseline.n;
  add_flags(check, json);
  add_bracket(check, json);
  if (check.undecided_by_resolution) json["undecided_by_resolution"] = true;
  if (check.expected) json["expected"] = real(check.expected);
  if (check.degrees) {
    json["degrees"] = *check.degrees;
    json["sparse_cells"] = check.sparse_cells;
  }
  if (check.measure == Measure::kWasserstein) {
    json["distance"] = real(check.distance);
    json["scale"] = real(check.scale);
  }
  if (check.table) add_table(*check.table, json);
  if (check.numeric) {
    json["live_median"] = quantity(check.live_median);
    json["baseline_median"] = quantity(check.baseline_median);
  }
  add_presence(check.live, check.baseline, json);
  return json;
}

Json one_check(const SuccessRateCheck& check) {
  Json json;
  json["ok"] = check.ok;
  json["success_rate"] = real(check.success_rate);
  json["min"] = real(check.min);
  json["total"] = check.total;
  add_flags(check, json);
  json["interval_95"] = {real(check.low), real(check.high)};
  return json;
}

Json one_check(const LatencyCheck& check) {
  Json json;
  json["ok"] = check.ok;
  json["p95"] = quantity(check.p95);
  json["max"] = quantity(check.max);
  json["live_n"] = check.live_n;
  add_flags(check, json);
  if (check.p95_error > 0) json["p95_error"] = real(check.p95_error);
  json["interval_95"] = {quantity(check.low), quantity(check.high)};
  return json;
}

Json finding_json(const SchemaFinding& finding) {
  Json json;
  json["change"] = change_name(finding.change);
  json["endpoint"] = finding.endpoint.empty() ? Json(nullptr) : Json(finding.endpoint);
  json["field"] = finding.field;
  json["pointer"] = finding.pointer;
  json["text"] = text_of(finding);
  json["live"] = finding.live_share();
  json["baseline"] = finding.baseline_share();
  json["live_count"] = finding.live.successes;
  json["live_n"] = finding.live.trials;
  json["baseline_count"] = finding.baseline.successes;
  json["baseline_n"] = finding.baseline.trials;
  json["p_value"] = finding.p_value;
  if (finding.change == SchemaChange::kRetyped) {
    json["from_type"] = type_name(finding.from);
    json["to_type"] = type_name(finding.to);
  }
  if (finding.change == SchemaChange::kNewValues) {
    Json& values = json["values"] = Json::array();
    for (const NewValue& value : finding.values) {
      values.push_back({{"name", value.name}, {"live_n", value.live_n}});
    }
  }
  if (finding.below > 0) json["fields_within"] = finding.below;
  if (finding.muted) json["muted"] = true;
  return json;
}

Json one_check(const QualityCheck& check) {
  Json json;
  json["ok"] = check.ok;
  json["quality"] = check.kind == QualityKind::kMissing ? "missing" : "type";
  json["share"] = real(check.live_share());
  json["baseline_share"] = real(check.baseline_share());
  json["p_value"] = real(check.p_value);
  json["p_min"] = check.p_min;
  json["change_min"] = check.change_min;
  json["live_count"] = check.live.successes;
  json["live_n"] = check.live.trials;
  json["baseline_count"] = check.baseline.successes;
  json["baseline_n"] = check.baseline.trials;
  add_flags(check, json);
  Json& changes = json["changes"] = Json::array();
  for (std::size_t i = 0; i < std::min(check.changes.size(), kChangesShownMax); ++i) {
    changes.push_back(finding_json(check.changes[i]));
  }
  return json;
}

Json one_check(const SchemaCheck& check) {
  const SchemaAnalysis& found = check.found;
  Json json;
  json["ok"] = check.ok;
  json["change_count"] = check.changes();
  json["p_min"] = check.p_min;
  json["live_n"] = found.live_events;
  json["baseline_n"] = found.baseline_events;
  add_flags(check, json);
  json["fields"] = found.fields;
  json["endpoints"] = found.endpoints;
  json["endpoints_left_out"] = found.endpoints_left_out;
  json["live_dropped"] = found.live_dropped;
  json["baseline_dropped"] = found.baseline_dropped;
  Json& changes = json["changes"] = Json::array();
  for (const SchemaFinding& finding : found.findings) {
    if (finding.within || changes.size() == kChangesShownMax) break;  // Those within come last.
    changes.push_back(finding_json(finding));
  }
  json["changes_omitted"] = check.changes() - changes.size();
  return json;
}

}  // namespace

Json check_json(const Check& check) {
  return std::visit([](const auto& one) { return one_check(one); }, check);
}

Json baseline_json(const std::optional<BaselineRef>& baseline) {
  if (!baseline) return nullptr;
  Json json;
  json["version"] = baseline->version;
  json["created_at"] = format_rfc3339(baseline->created_at);
  json["samples"] = baseline->samples;
  json["source"] = baseline::source_name(baseline->source);
  if (baseline->version == 0 && baseline->source != baseline::Source::kFile) {  // No file has it.
    json["from"] = format_rfc3339(baseline->range.from);
    json["to"] = format_rfc3339(baseline->range.to);
  }
  return json;
}

std::string to_json(const Report& report) {
  Json json = head_json(report);
  if (!report.baseline_reason.empty()) json["baseline_reason"] = report.baseline_reason;
  Json& checks = json["checks"] = Json::object();
  // A part of a service may drift or not while the whole does.
  const bool whole = !report.segment.endpoint && !report.segment.host;
  for (const auto& [name, check] : report.checks) {
    Json& one = checks[name] = check_json(check);
    const bool about_shape =
        std::holds_alternative<QualityCheck>(check) || std::holds_alternative<SchemaCheck>(check);
    const alarm::Alarm* alarm = nullptr;
    if (whole && report.alarms) {
      alarm = about_shape ? report.alarms->find(name) : report.alarms->about(name);
    }
    if (alarm != nullptr) one["alarm"] = alert::alarm_json(*alarm);
  }
  json["status"] = report.ok() ? "ok" : "fail";
  if (report.alarms) json["alarm"] = alert::summary_json(*report.alarms);
  return text_of(json);
}

}  // namespace driftguard::report

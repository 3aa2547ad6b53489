// SPDX-License-Identifier: Apache-2.0
#include "report/report_json.h"

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
    const alarm::Alarm* alarm = whole && report.alarms ? report.alarms->about(name) : nullptr;
    if (alarm != nullptr) one["alarm"] = alert::alarm_json(*alarm);
  }
  json["status"] = report.ok() ? "ok" : "fail";
  if (report.alarms) json["alarm"] = alert::summary_json(*report.alarms);
  return text_of(json);
}

}  // namespace driftguard::report

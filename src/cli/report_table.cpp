// SPDX-License-Identifier: Apache-2.0
#include "cli/report_table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/text_table.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

enum class Kind { kKs, kPsi, kSuccessRate, kLatency, kMeasure, kQuality, kSchema };

Kind kind_of(const Json& check) {
  if (check.contains("success_rate")) return Kind::kSuccessRate;
  if (check.contains("p95")) return Kind::kLatency;
  if (check.contains("measure")) return Kind::kMeasure;
  if (check.contains("quality")) return Kind::kQuality;
  if (check.contains("change_count")) return Kind::kSchema;
  return check.contains("psi") ? Kind::kPsi : Kind::kKs;
}

bool flag(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_boolean() && at->get<bool>();
}

std::optional<double> number(const Json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_number()) return std::nullopt;
  return at->get<double>();
}

std::string text(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

std::string count(const Json& json, const char* key) {
  const auto n = number(json, key);
  return n ? fmt::format("{:.0f}", *n) : "-";
}

// At most `digits` digits that mean something, without an exponent where people write none.
std::string figure(std::optional<double> value, int digits) {
  return value ? fmt::format("{:.{}g}", *value, digits) : "-";
}
std::string percent(std::optional<double> share) {
  return share ? fmt::format("{:.6g} %", *share * 100) : "-";
}

bool lacks_data(const Json& check) {
  return flag(check, "insufficient_samples") || flag(check, "insufficient_baseline");
}

std::string verdict(const Json& check) {
  if (flag(check, "insufficient_baseline")) return "ok (no baseline)";
  if (flag(check, "insufficient_samples")) return "ok (too few samples)";
  const std::string unsure = flag(check, "undecided_by_resolution") ? " (close to the limit)" : "";
  if (flag(check, "would_fail")) return "DRIFT (muted)" + unsure;
  if (flag(check, "ok")) return "ok" + unsure;
  switch (kind_of(check)) {
    case Kind::kKs:
    case Kind::kPsi:
    case Kind::kMeasure:
      return "DRIFT" + unsure;
    case Kind::kQuality:
    case Kind::kSchema:
      return "CHANGED";
    case Kind::kSuccessRate:
      return "TOO LOW";
    case Kind::kLatency:
      break;
  }
  return "TOO SLOW";
}

// A test's p-value and its statistic, a distance in words a person knows it by.
std::string measure_value(const Json& check) {
  const auto found = number(check, "value");
  const auto distance = number(check, "distance");
  if (!found && !distance) return "-";
  if (const auto p = number(check, "p_value")) {
    return fmt::format("p {}, statistic {}", figure(p, 3), figure(found, 4));
  }
  if (!distance) return "distance " + figure(found, 4);
  if (!found) return fmt::format("moved by {} from a constant", figure(distance, 4));
  return fmt::format("{} sd, distance {}", figure(found, 4), figure(distance, 4));
}

// The first change in words, and how many more.
std::string schema_value(const Json& check) {
  const double changes = number(check, "change_count").value_or(0);
  if (changes == 0 || check["changes"].empty()) return "no change";
  const std::string first = printable(text(check["changes"].front(), "text"));
  return changes < 2 ? first : fmt::format("{}; {:.0f} more", first, changes - 1);
}

std::string value(const Json& check) {
  switch (kind_of(check)) {
    case Kind::kMeasure:
      return measure_value(check);
    case Kind::kKs:
      if (!number(check, "p_value")) return "-";
      return fmt::format("p {}, D {}", figure(number(check, "p_value"), 3),
                         figure(number(check, "d"), 4));
    case Kind::kPsi:
      return number(check, "psi") ? "PSI " + figure(number(check, "psi"), 4) : "-";
    case Kind::kSuccessRate:
      return percent(number(check, "success_rate"));
    case Kind::kQuality:
      return fmt::format("{}, was {}", percent(number(check, "share")),
                         percent(number(check, "baseline_share")));
    case Kind::kSchema:
      return schema_value(check);
    case Kind::kLatency:
      break;
  }
  return number(check, "p95") ? "p95 " + figure(number(check, "p95"), 6) + " ms" : "-";
}

std::string threshold(const Json& check, const Thresholds& thresholds) {
  const auto limit = [&](const char* key, std::optional<double> otherwise) {
    const auto said = number(check, key);
    return said ? said : otherwise;
  };
  switch (kind_of(check)) {
    case Kind::kKs:
      if (const auto p = limit("p_min", thresholds.ks_p_min)) return "p >= " + figure(p, 6);
      return "-";
    case Kind::kPsi:
      if (const auto psi = limit("psi_max", thresholds.psi_max)) return "<= " + figure(psi, 6);
      return "-";
    case Kind::kMeasure:
      return (check.contains("p_value") ? "p >= " : "<= ") + figure(number(check, "threshold"), 6) +
             (check.contains("scale") ? " sd" : "");
    case Kind::kSuccessRate:
      return ">= " + percent(number(check, "min"));
    case Kind::kQuality:
    case Kind::kSchema:
      return "p >= " + figure(number(check, "p_min"), 6);
    case Kind::kLatency:
      break;
  }
  return "<= " + figure(number(check, "max"), 6) + " ms";
}

std::string heading(const Json& report) {
  std::string of = text(report, "service");
  if (!text(report, "endpoint").empty()) of += ", " + text(report, "endpoint");
  if (!text(report, "host").empty()) of += ", host " + text(report, "host");
  std::string lines =
      fmt::format("{}: {} events from {} to {}\n", printable(of), count(report, "samples"),
                  text(report, "from"), text(report, "to"));
  const auto baseline = report.find("baseline");
  if (baseline == report.end() || !baseline->is_object()) {
    return lines + "no baseline; 'driftguard baseline build' makes one\n";
  }
  return lines + fmt::format("baseline {} of {}, {} events{}\n", count(*baseline, "version"),
                             text(*baseline, "created_at"), count(*baseline, "samples"),
                             text(*baseline, "source") == "file" ? ", from its file" : "");
}

std::vector<std::string> failed_checks(const Json& report) {
  std::vector<std::string> names;
  for (const auto& [name, check] : report["checks"].items()) {
    if (!flag(check, "ok")) names.push_back(printable(name));
  }
  return names;
}

// Why nothing can be said; empty when something can.
std::string too_little(const Json& report) {
  if (number(report, "samples").value_or(0) == 0) return "no events in the window";
  if (!report["baseline"].is_object()) return "no baseline";
  bool comparisons = false;
  for (const auto& [name, check] : report["checks"].items()) {
    const Kind kind = kind_of(check);
    if (kind != Kind::kKs && kind != Kind::kPsi && kind != Kind::kMeasure) continue;
    if (!lacks_data(check)) return {};
    comparisons = true;
  }
  return comparisons ? "too few samples for every comparison" : "";
}

}  // namespace

Result<Json> parse_report(std::string_view json) {
  Json report = Json::parse(json, nullptr, false);
  if (!report.is_object() || !report.contains("status") || !report.contains("checks") ||
      !report["checks"].is_object()) {
    return Error{ErrorCode::kInternal, "the answer is not a report; is that a driftguard server?"};
  }
  for (const auto& [name, check] : report["checks"].items()) {
    if (!check.is_object()) return Error{ErrorCode::kInternal, "the report's checks do not read"};
  }
  return report;
}

std::string report_table(const Json& report, const Thresholds& thresholds) {
  using Align = TextTable::Align;
  TextTable table({{"check"},
                   {"verdict"},
                   {"value"},
                   {"threshold"},
                   {"live n", Align::kRight},
                   {"baseline n", Align::kRight}});
  for (const auto& [name, check] : report["checks"].items()) {
    const char* live = kind_of(check) == Kind::kSuccessRate ? "total" : "live_n";
    table.add_row({name, verdict(check), value(check), threshold(check, thresholds),
                   count(check, live), count(check, "baseline_n")});
  }
  std::string status = "status: " + printable(text(report, "status"));
  const std::vector<std::string> failed = failed_checks(report);
  if (!failed.empty()) status += fmt::format(" ({})", fmt::join(failed, ", "));
  return fmt::format("{}\n{}\n{}\n", heading(report), table.text(), status);
}

ExitCode gate(const Json& report) {
  if (text(report, "status") != "ok") return kNo;
  return too_little(report).empty() ? kDone : kTooLittle;
}

std::string gate_line(const Json& report) {
  const std::string service = printable(text(report, "service"));
  if (gate(report) == kTooLittle) {
    return fmt::format("not enough data: {}: {}", service, too_little(report));
  }
  std::vector<std::string> reasons;
  for (const auto& [name, check] : report["checks"].items()) {
    if (!flag(check, "ok")) reasons.push_back(fmt::format("{} {}", printable(name), value(check)));
  }
  if (reasons.empty()) {
    return fmt::format("ok: {}: {} checks, {} events", service, report["checks"].size(),
                       count(report, "samples"));
  }
  return fmt::format("fail: {}: {}", service, fmt::join(reasons, "; "));
}

}  // namespace driftguard::cli

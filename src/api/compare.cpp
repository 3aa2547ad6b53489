// SPDX-License-Identifier: Apache-2.0
#include "api/compare.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <set>

#include "api/parameters.h"
#include "api/report_query.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

using http::Request;
using http::Respond;
using http::Response;
using report::Outcome;

constexpr int kLooksMax = 1'000;
constexpr std::array kOfASide = {"service", "endpoint", "host", "window_minutes",
                                 "at",      "from",     "to"};

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

// A misspelt side would silently compare something else.
Result<void> check_names(const Request& request) {
  std::set<std::string> known = {"looks", "tolerance", "rate_tolerance", "when_unsure"};
  for (const std::string side : {"", "control_", "candidate_"}) {
    for (const char* name : kOfASide) known.insert(side + name);
    if (!side.empty()) known.insert(side + "label");
  }
  for (const auto& [name, value] : request.query) {
    if (!known.contains(name)) return misfit(fmt::format("unknown parameter {}", name));
  }
  return {};
}

// The parameters of one side as a request of their own: its own time stands instead of the common.
Result<report::CompareSide> side_of(const Request& request, const std::string& side) {
  Request asked;
  for (const char* name : kOfASide) {
    if (const auto common = request.parameter(name)) asked.query[name] = *common;
  }
  const auto own = [&](const char* name) { return request.parameter(side + name); };
  if (own("from") || own("to") || own("at") || own("window_minutes")) {
    const bool range = own("from") || own("to");
    for (const char* name : {"from", "to"}) {
      if (!range) asked.query.erase(name);
    }
    for (const char* name : {"at", "window_minutes"}) {
      if (range) asked.query.erase(name);
    }
  }
  for (const char* name : kOfASide) {
    if (const auto value = own(name)) asked.query[name] = *value;
  }
  report::CompareSide made;
  Result<report::ReportQuery> query = report_query(asked);
  if (!query)
    return misfit(fmt::format("{}: {}", side.substr(0, side.size() - 1), query.error().detail));
  made.query = std::move(*query);
  if (const auto label = optional_text(request, side + "label")) {
    Result<window::Label> parsed = window::parse_label(*label);
    if (!parsed) return misfit(side + parsed.error().detail);
    made.label = std::move(*parsed);
  }
  return made;
}

Result<double> share_parameter(const Request& request, std::string_view name, double otherwise) {
  const std::string text = text_parameter(request, name);
  if (text.empty()) return otherwise;
  double value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1)) {
    return misfit(fmt::format("{}: not a share from 0 to 1", name));
  }
  return value;
}

Response gated(const report::Compared& compared, bool unsure_passes) {
  const Outcome outcome = compared.contrasts.outcome();
  const bool passes = outcome == Outcome::kPass || outcome == Outcome::kMarginal ||
                      (outcome == Outcome::kNotEnoughData && unsure_passes);
  if (passes) return json_response(report::to_json(compared));
  const std::string members = fmt::format("\"verdict\":\"{}\"", report::outcome_name(outcome));
  return http::problem(412, report::summary_of(compared),
                       {.type = "/problems/comparison-failed",
                        .title = "The candidate does not pass",
                        .members = members});
}

Response gate(report::CompareDesk& desk, const Request& request) {
  Result<report::CompareQuery> query = compare_query(request);
  if (!query) return http::problem(query.error());
  const std::string unsure = text_parameter(request, "when_unsure");
  if (!unsure.empty() && unsure != "pass" && unsure != "fail") {
    return http::problem(misfit("when_unsure: neither \"pass\" nor \"fail\""));
  }
  Result<report::Compared> made = desk.make(*query);
  return made ? gated(*made, unsure == "pass") : http::problem(made.error());
}

Response compared(report::CompareDesk& desk, const Request& request) {
  Result<report::CompareQuery> query = compare_query(request);
  if (!query) return http::problem(query.error());
  Result<report::Compared> made = desk.make(*query);
  return made ? json_response(report::to_json(*made)) : http::problem(made.error());
}

}  // namespace

Result<report::CompareQuery> compare_query(const Request& request) {
  if (auto names = check_names(request); !names) return names.error();
  report::CompareQuery query;
  Result<report::CompareSide> control = side_of(request, "control_");
  if (!control) return control.error();
  Result<report::CompareSide> candidate = side_of(request, "candidate_");
  if (!candidate) return candidate.error();
  query.control = std::move(*control);
  query.candidate = std::move(*candidate);
  Result<std::optional<int>> looks = int_parameter(request, "looks", 1, kLooksMax);
  if (!looks) return looks.error();
  query.rules.looks = looks->value_or(query.rules.looks);
  Result<double> tolerance = share_parameter(request, "tolerance", query.rules.tolerance);
  if (!tolerance) return tolerance.error();
  query.rules.tolerance = *tolerance;
  Result<double> rates = share_parameter(request, "rate_tolerance", query.rules.rate_tolerance);
  if (!rates) return rates.error();
  query.rules.rate_tolerance = *rates;
  return query;
}

void add_compare_routes(http::Router& router, report::CompareDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  router.add(
      http::Method::kPost, "/v1/compare/gate",
      [&desk](Request&& request, const Respond& respond) { respond(gate(desk, request)); },
      options);
  options.shared = true;
  router.add(
      http::Method::kGet, "/v1/compare",
      [&desk](Request&& request, const Respond& respond) { respond(compared(desk, request)); },
      options);
}

}  // namespace driftguard::api

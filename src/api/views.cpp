// SPDX-License-Identifier: Apache-2.0
#include "api/views.h"

#include "api/parameters.h"
#include "api/report_query.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

using http::Request;
using http::Response;

constexpr int kStepsMax = 500;
constexpr int kPointsMax = 1000;
constexpr int kBinsMax = 200;
constexpr int kExamplesMax = 100;

template <typename View>
Response answer(const Result<View>& view) {
  if (!view) return http::problem(view.error());
  Response response = json_response(to_json(*view));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response timeline(report::ViewDesk& desk, const Request& request) {
  report::TimelineQuery query;
  Result<report::ReportQuery> of = fixed_report_query(request);
  if (!of) return http::problem(of.error());
  query.of = std::move(*of);
  query.check = optional_text(request, "check");
  Result<std::optional<int>> steps = int_parameter(request, "steps", 2, kStepsMax);
  if (!steps) return http::problem(steps.error());
  query.steps_max = steps->value_or(query.steps_max);
  return answer(desk.timeline(query));
}

Response check(report::ViewDesk& desk, const Request& request) {
  Result<report::ReportQuery> query = report_query(request);
  if (!query) return http::problem(query.error());
  report::DetailOptions options;
  Result<std::optional<int>> points = int_parameter(request, "points", 2, kPointsMax);
  if (!points) return http::problem(points.error());
  if (*points) options.points = static_cast<std::size_t>(**points);
  Result<std::optional<int>> bins = int_parameter(request, "bins", 1, kBinsMax);
  if (!bins) return http::problem(bins.error());
  if (*bins) options.bins = static_cast<std::size_t>(**bins);
  return answer(desk.check(*query, request.path_parameters.at("name"), options));
}

Response examples(report::ViewDesk& desk, const Request& request) {
  Result<report::ReportQuery> query = report_query(request);
  if (!query) return http::problem(query.error());
  const std::string name = text_parameter(request, "check");
  if (name.empty()) {
    return http::problem(
        Error{ErrorCode::kInvalidArgument, "check: name one of the report's checks"});
  }
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kExamplesMax);
  if (!limit) return http::problem(limit.error());
  constexpr int kLimitDefault = 10;
  return answer(
      desk.examples(*query, name, static_cast<std::size_t>(limit->value_or(kLimitDefault))));
}

Response hosts(report::ViewDesk& desk, const Request& request) {
  Result<report::ReportQuery> query = fixed_report_query(request);
  if (!query) return http::problem(query.error());
  return answer(desk.hosts(*query));
}

}  // namespace

void add_view_routes(http::Router& router, report::ViewDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;  // Many dashboards, one computation.
  const auto add = [&](http::Method method, std::string_view pattern, auto make) {
    router.add(
        method, pattern,
        [&desk, make](Request&& request, const http::Respond& respond) {
          respond(make(desk, request));
        },
        options);
  };
  add(http::Method::kGet, "/v1/timeline", timeline);
  add(http::Method::kGet, "/v1/checks/{name}", check);
  add(http::Method::kGet, "/v1/examples", examples);
  add(http::Method::kGet, "/v1/hosts", hosts);
}

}  // namespace driftguard::api

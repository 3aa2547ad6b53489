// SPDX-License-Identifier: Apache-2.0
#include "api/reports.h"

#include "api/parameters.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

constexpr int kWindowMinutesMax = 43'200;

Result<report::ReportQuery> query_of(const http::Request& request) {
  report::ReportQuery query;
  query.service = text_parameter(request, "service");
  query.endpoint = optional_text(request, "endpoint");
  query.host = optional_text(request, "host");
  Result<std::optional<int>> minutes =
      int_parameter(request, "window_minutes", 1, kWindowMinutesMax);
  if (!minutes) return minutes.error();
  query.window_minutes = minutes->value_or(0);
  Result<std::optional<Time>> at = time_parameter(request, "at");
  if (!at) return at.error();
  query.at = *at;
  Result<std::optional<TimeRange>> range = range_parameters(request);
  if (!range) return range.error();
  query.range = *range;
  if (query.range && (*minutes || query.at)) {
    return Error{ErrorCode::kInvalidArgument,
                 "from and to stand instead of window_minutes and at, not beside them"};
  }
  return query;
}

}  // namespace

void add_report_routes(http::Router& router, report::ReportDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;  // Many dashboards, one computation.
  router.add(
      http::Method::kGet, "/reports/latest",
      [&desk](http::Request&& request, const http::Respond& respond) {
        Result<report::ReportQuery> query = query_of(request);
        if (!query) return respond(http::problem(query.error()));
        Result<report::Report> report = desk.make(*query);
        if (!report) return respond(http::problem(report.error()));
        http::Response response = json_response(report::to_json(*report));
        response.headers.emplace_back("Cache-Control", "no-store");
        respond(std::move(response));
      },
      options);
}

}  // namespace driftguard::api

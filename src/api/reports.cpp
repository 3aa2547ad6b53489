// SPDX-License-Identifier: Apache-2.0
#include "api/reports.h"

#include "api/parameters.h"
#include "api/report_query.h"
#include "http/problem.h"

namespace driftguard::api {

void add_report_routes(http::Router& router, report::ReportDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;  // Many dashboards, one computation.
  router.add(
      http::Method::kGet, "/reports/latest",
      [&desk](http::Request&& request, const http::Respond& respond) {
        Result<report::ReportQuery> query = report_query(request);
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

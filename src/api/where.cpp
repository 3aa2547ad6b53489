// SPDX-License-Identifier: Apache-2.0
#include "api/where.h"

#include "api/parameters.h"
#include "api/report_query.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

http::Response where(report::WhereDesk& desk, const http::Request& request) {
  Result<report::ReportQuery> query = report_query(request);
  if (!query) return http::problem(query.error());
  Result<report::Where> found = desk.where(*query, request.path_parameters.at("name"));
  if (!found) return http::problem(found.error());
  http::Response response = json_response(to_json(*found));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_where_route(http::Router& router, report::WhereDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;  // Many dashboards, one computation.
  router.add(
      http::Method::kGet, "/v1/checks/{name}/where",
      [&desk](http::Request&& request, const http::Respond& respond) {
        respond(where(desk, request));
      },
      options);
}

}  // namespace driftguard::api

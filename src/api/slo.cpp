// SPDX-License-Identifier: Apache-2.0
#include "api/slo.h"

#include "api/parameters.h"
#include "http/problem.h"

namespace driftguard::api {

void add_slo_routes(http::Router& router, report::SloDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;  // Many dashboards, one computation.
  router.add(
      http::Method::kGet, "/v1/slo",
      [&desk](http::Request&& request, const http::Respond& respond) {
        report::SloQuery query;
        query.service = text_parameter(request, "service");
        query.endpoint = optional_text(request, "endpoint");
        Result<std::optional<Time>> at = time_parameter(request, "at");
        if (!at) return respond(http::problem(at.error()));
        query.at = *at;
        Result<report::SloView> view = desk.make(query);
        if (!view) return respond(http::problem(view.error()));
        http::Response response = json_response(report::to_json(*view));
        response.headers.emplace_back("Cache-Control", "no-store");
        respond(std::move(response));
      },
      options);
}

}  // namespace driftguard::api

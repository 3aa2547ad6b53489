// SPDX-License-Identifier: Apache-2.0
#include "api/alarms.h"

#include <nlohmann/json.hpp>

#include "alert/alarm_json.h"
#include "api/parameters.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

using Json = nlohmann::ordered_json;
using http::Request;
using http::Respond;
using http::Response;

constexpr int kIncidentsMax = 1'000;
constexpr int kIncidentsDefault = 100;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response alarms_of(alert::Evaluator& alarms, report::ReportDesk& desk, const Request& request) {
  Result<std::string> service = desk.service_of(text_parameter(request, "service"));
  if (!service) return http::problem(service.error());
  Result<alert::ServiceAlarmsPtr> found = alarms.alarms_of(*service);
  if (!found) return http::problem(found.error());
  return json_response(text_of(alert::service_json(**found)));
}

Response incidents_of(alert::Evaluator& alarms, const Request& request) {
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kIncidentsMax);
  if (!limit) return http::problem(limit.error());
  Result<std::vector<alert::Incident>> found =
      alarms.incidents(text_parameter(request, "service"),
                       static_cast<std::size_t>(limit->value_or(kIncidentsDefault)));
  if (!found) return http::problem(found.error());
  Json json;
  Json& incidents = json["incidents"] = Json::array();
  for (const alert::Incident& incident : *found) incidents.push_back(incident_json(incident));
  return json_response(text_of(json));
}

}  // namespace

void add_alarm_routes(http::Router& router, alert::Evaluator& alarms, report::ReportDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;
  router.add(
      http::Method::kGet, "/v1/alarms",
      [&alarms, &desk](Request&& request, const Respond& respond) {
        respond(alarms_of(alarms, desk, request));
      },
      options);
  router.add(
      http::Method::kGet, "/v1/incidents",
      [&alarms](Request&& request, const Respond& respond) {
        respond(incidents_of(alarms, request));
      },
      options);
}

}  // namespace driftguard::api

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

constexpr std::chrono::hours kBacktestMax{24 * 366 * 5};

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response alarms_of(const AlarmRoutes& routes, const Request&, const std::string& service) {
  Result<alert::ServiceAlarmsPtr> found = routes.alarms.alarms_of(service);
  if (!found) return http::problem(found.error());
  return json_response(text_of(alert::service_json(**found)));
}

Response evidence_of(const AlarmRoutes& routes, const Request& request,
                     const std::string& service) {
  const std::string& name = request.path_parameters.at("name");
  Result<alert::EvidenceCourse> course = routes.alarms.course_of(service, name);
  if (!course) return http::problem(course.error());
  Json json;
  json["service"] = service;
  json["alarm"] = name;
  json["from"] = format_rfc3339(course->range.from);
  json["to"] = format_rfc3339(course->range.to);
  json["step_seconds"] = 60;
  Json& values = json["of_threshold"] = Json::array();
  for (const std::optional<double>& value : course->of_threshold) {
    values.push_back(value ? Json(*value) : Json(nullptr));
  }
  return json_response(text_of(json));
}

Response backtest_of(const AlarmRoutes& routes, const Request& request,
                     const std::string& service) {
  Result<std::optional<TimeRange>> range = range_parameters(request);
  if (!range) return http::problem(range.error());
  if (!*range || (*range)->from >= (*range)->to || (*range)->to - (*range)->from > kBacktestMax) {
    return http::problem(Error{ErrorCode::kInvalidArgument,
                               "from and to are needed, from before to, five years at most"});
  }
  Result<std::optional<int>> version = int_parameter(request, "version", 1, 1'000'000'000);
  if (!version) return http::problem(version.error());
  Result<baseline::BaselinePtr> baseline =
      *version ? routes.baselines.load(service, **version) : routes.baselines.active(service);
  if (!baseline) return http::problem(baseline.error());
  Result<alert::Backtest> made = routes.alarms.backtest(service, baseline->get(), **range);
  if (!made) return http::problem(made.error());
  return json_response(text_of(alert::backtest_json(*made)));
}

Response incidents_of(const AlarmRoutes& routes, const Request& request) {
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kIncidentsMax);
  if (!limit) return http::problem(limit.error());
  Result<std::vector<alert::Incident>> found =
      routes.alarms.incidents(text_parameter(request, "service"),
                              static_cast<std::size_t>(limit->value_or(kIncidentsDefault)));
  if (!found) return http::problem(found.error());
  Json json;
  Json& incidents = json["incidents"] = Json::array();
  for (const alert::Incident& incident : *found) incidents.push_back(incident_json(incident));
  return json_response(text_of(json));
}

}  // namespace

void add_alarm_routes(http::Router& router, const AlarmRoutes& routes) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  options.shared = true;
  // `answer` gets the service the request is about.
  const auto add = [&](http::Method method, std::string_view pattern, auto answer) {
    router.add(
        method, pattern,
        [routes, answer](Request&& request, const Respond& respond) {
          Result<std::string> service = routes.desk.service_of(text_parameter(request, "service"));
          if (!service) return respond(http::problem(service.error()));
          respond(answer(routes, request, *service));
        },
        options);
  };
  add(http::Method::kGet, "/v1/alarms", alarms_of);
  add(http::Method::kGet, "/v1/alarms/{name}/evidence", evidence_of);
  add(http::Method::kGet, "/v1/backtest", backtest_of);
  router.add(
      http::Method::kGet, "/v1/incidents",
      [routes](Request&& request, const Respond& respond) {
        respond(incidents_of(routes, request));
      },
      options);
}

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#include "api/alarms.h"

#include <nlohmann/json.hpp>

#include "alert/alarm_json.h"
#include "alert/told_incident.h"
#include "api/parameters.h"
#include "http/problem.h"
#include "report/report_json.h"

namespace driftguard::api {
namespace {

using Json = nlohmann::ordered_json;
using http::Request;
using http::Respond;
using http::Response;
using report::text_of;

constexpr std::chrono::hours kBacktestMax{24 * 366 * 5};

alert::CheckOf checks_of(const AlarmRoutes& routes, const std::string& service) {
  return [&routes, &service](const alarm::Alarm& alarm) {
    return routes.desk.check_beside(service, alarm);
  };
}

Response alarms_of(const AlarmRoutes& routes, const Request&, const std::string& service) {
  Result<alert::ServiceAlarmsPtr> found = routes.alarms.alarms_of(service);
  if (!found) return http::problem(found.error());
  Json json = alert::service_json(**found, checks_of(routes, service));
  if ((*found)->incident) {
    Result<Json> told = alert::told_incidents(routes.outbox, routes.silences, {*(*found)->incident},
                                              routes.clock.now());
    if (!told) return http::problem(told.error());
    json["incident"] = std::move(told->at(0));
  }
  return json_response(text_of(json));
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
  return json_response(text_of(alert::backtest_json(*made, checks_of(routes, service))));
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
}

}  // namespace driftguard::api

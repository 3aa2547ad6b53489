// SPDX-License-Identifier: Apache-2.0
#include "api/incidents.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>

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

constexpr int kIncidentsMax = 1'000;
constexpr int kIncidentsDefault = 100;
constexpr std::size_t kWaitingShownMax = 1'000;
constexpr std::size_t kBodyBytesMax = 64u << 10;

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

// The texts of a body's members, each one of `known`; "" for what is absent.
Result<std::map<std::string, std::string>> texts_of(const std::string& body,
                                                    std::initializer_list<const char*> known) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return misfit("the body is not a JSON object");
  std::map<std::string, std::string> texts;
  for (const char* name : known) texts[name];
  for (const auto& [key, value] : json.items()) {
    const auto at = texts.find(key);
    if (at == texts.end()) return misfit(fmt::format("unknown member {}", key));
    if (!value.is_string()) return misfit(fmt::format("{}: not a string", key));
    at->second = value.get<std::string>();
  }
  return texts;
}

Response incidents_of(const IncidentRoutes& routes, const Request& request) {
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kIncidentsMax);
  if (!limit) return http::problem(limit.error());
  Result<std::vector<alert::Incident>> found =
      routes.alarms.incidents(text_parameter(request, "service"),
                              static_cast<std::size_t>(limit->value_or(kIncidentsDefault)));
  if (!found) return http::problem(found.error());
  Result<Json> told =
      alert::told_incidents(routes.outbox, routes.silences, *found, routes.clock.now());
  if (!told) return http::problem(told.error());
  return json_response(text_of({{"incidents", std::move(*told)}}));
}

Response acknowledged(const IncidentRoutes& routes, const Request& request) {
  auto texts = texts_of(request.body, {"who", "note"});
  if (!texts) return http::problem(texts.error());
  const Time now = routes.clock.now();
  Result<alert::Incident> incident = routes.outbox.acknowledge(
      request.path_parameters.at("id"), {texts->at("who"), texts->at("note"), now});
  if (!incident) return http::problem(incident.error());
  Result<Json> told = alert::told_incidents(routes.outbox, routes.silences, {*incident}, now);
  if (!told) return http::problem(told.error());
  return json_response(text_of(told->at(0)));
}

Response notices_of(const IncidentRoutes& routes) {
  Result<std::vector<alert::Notice>> waiting = routes.outbox.waiting(kWaitingShownMax);
  if (!waiting) return http::problem(waiting.error());
  Json json;
  Json& targets = json["targets"] = Json::array();
  for (const notify::CourierFigures& target : routes.couriers.figures()) {
    targets.push_back({{"name", target.target},
                       {"delivered", target.delivered},
                       {"failed", target.failed},
                       {"retries", target.retries},
                       {"waiting", target.waiting},
                       {"oldest_seconds", target.oldest_seconds}});
  }
  Json& notices = json["waiting"] = Json::array();
  for (const alert::Notice& notice : *waiting) notices.push_back(alert::notice_json(notice));
  return json_response(text_of(json));
}

Response silences_of(const IncidentRoutes& routes) {
  Result<std::vector<alert::Silence>> silences = routes.silences.list();
  if (!silences) return http::problem(silences.error());
  const Time now = routes.clock.now();
  Json list = Json::array();
  for (const alert::Silence& one : *silences) list.push_back(alert::silence_json(one, now));
  return json_response(text_of({{"silences", std::move(list)}}));
}

Response silenced(const IncidentRoutes& routes, const Request& request) {
  auto texts = texts_of(request.body, {"service", "alarm", "ends_at", "reason", "who"});
  if (!texts) return http::problem(texts.error());
  Result<Time> ends_at = parse_rfc3339(texts->at("ends_at"));
  if (!ends_at) return http::problem(misfit("ends_at: " + ends_at.error().detail));
  alert::Silence silence;
  silence.service = texts->at("service");
  silence.alarm = texts->at("alarm");
  silence.ends_at = *ends_at;
  silence.reason = texts->at("reason");
  silence.who = texts->at("who");
  Result<alert::Silence> added = routes.silences.add(std::move(silence));
  if (!added) return http::problem(added.error());
  return json_response(text_of(alert::silence_json(*added, routes.clock.now())), 201);
}

Response unsilenced(const IncidentRoutes& routes, const Request& request) {
  Result<std::optional<int>> id = int_parameter(request, "id", 1, std::numeric_limits<int>::max());
  if (!id) return http::problem(id.error());
  if (!*id) return http::problem(misfit("id: name the silence to end"));
  Result<alert::Silence> ended = routes.silences.end(**id, text_parameter(request, "who"));
  if (!ended) return http::problem(ended.error());
  return json_response(text_of(alert::silence_json(*ended, routes.clock.now())));
}

}  // namespace

void add_incident_routes(http::Router& router, const IncidentRoutes& routes) {
  http::RouteOptions asked;
  asked.run = http::Run::kWorker;
  http::RouteOptions shared = asked;
  shared.shared = true;
  http::RouteOptions posted = asked;
  posted.media_types = {"application/json"};
  posted.body_bytes_max = kBodyBytesMax;
  using http::Method;
  router.add(
      Method::kGet, "/v1/incidents",
      [routes](Request&& request, const Respond& respond) {
        respond(incidents_of(routes, request));
      },
      shared);
  router.add(
      Method::kPost, "/v1/incidents/{id}/ack",
      [routes](Request&& request, const Respond& respond) {
        respond(acknowledged(routes, request));
      },
      posted);
  router.add(
      Method::kGet, "/v1/notices",
      [routes](Request&&, const Respond& respond) { respond(notices_of(routes)); }, shared);
  router.add(
      Method::kGet, "/v1/silences",
      [routes](Request&&, const Respond& respond) { respond(silences_of(routes)); }, shared);
  router.add(
      Method::kPost, "/v1/silences",
      [routes](Request&& request, const Respond& respond) { respond(silenced(routes, request)); },
      posted);
  router.add(
      Method::kDelete, "/v1/silences",
      [routes](Request&& request, const Respond& respond) { respond(unsilenced(routes, request)); },
      asked);
}

}  // namespace driftguard::api

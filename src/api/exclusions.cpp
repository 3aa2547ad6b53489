// SPDX-License-Identifier: Apache-2.0
#include "api/exclusions.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>

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

Json range_json(const TimeRange& range) {
  return {{"from", format_rfc3339(range.from)}, {"to", format_rfc3339(range.to)}};
}

Json exclusion_json(const baseline::Exclusion& exclusion) {
  Json json{{"id", exclusion.id}};
  json.update(range_json(exclusion.range));
  json["reason"] = exclusion.reason;
  json["created_at"] = format_rfc3339(exclusion.created_at);
  return json;
}

Response listed(baseline::Exclusions& exclusions, const std::string& service) {
  Result<std::vector<baseline::Exclusion>> kept = exclusions.list(service);
  if (!kept) return http::problem(kept.error());
  Json json{{"service", service}};
  Json& list = json["exclusions"] = Json::array();
  for (const baseline::Exclusion& one : *kept) list.push_back(exclusion_json(one));
  Json& configured = json["configured"] = Json::array();
  for (const TimeRange& one : exclusions.configured()) configured.push_back(range_json(one));
  return json_response(text_of(json));
}

struct Order {
  std::string service;
  TimeRange range{};
  std::string reason;
};

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

Result<Order> order_of(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return misfit("the body is not a JSON object");
  Order order;
  std::string from;
  std::string to;
  for (const auto& [key, value] : json.items()) {
    std::string* into = key == "service"  ? &order.service
                        : key == "reason" ? &order.reason
                        : key == "from"   ? &from
                        : key == "to"     ? &to
                                          : nullptr;
    if (into == nullptr) return misfit(fmt::format("unknown member {}", key));
    if (!value.is_string()) return misfit(fmt::format("{}: not a string", key));
    *into = value.get<std::string>();
  }
  for (const auto& [name, text, time] :
       {std::tuple{"from", &from, &order.range.from}, std::tuple{"to", &to, &order.range.to}}) {
    Result<Time> parsed = parse_rfc3339(*text);
    if (!parsed) return misfit(fmt::format("{}: {}", name, parsed.error().detail));
    *time = *parsed;
  }
  return order;
}

Response added(baseline::Exclusions& exclusions, report::ReportDesk& desk, const Request& request) {
  Result<Order> order = order_of(request.body);
  if (!order) return http::problem(order.error());
  if (order->service.empty()) order->service = text_parameter(request, "service");
  Result<std::string> service = desk.service_of(order->service);
  if (!service) return http::problem(service.error());
  Result<baseline::Exclusion> added = exclusions.add(*service, order->range, order->reason);
  if (!added) return http::problem(added.error());
  return json_response(text_of(exclusion_json(*added)), 201);
}

Response removed(baseline::Exclusions& exclusions, const Request& request,
                 const std::string& service) {
  Result<std::optional<int>> id = int_parameter(request, "id", 1, std::numeric_limits<int>::max());
  if (!id) return http::problem(id.error());
  if (!*id) return http::problem(misfit("id: name the exclusion to remove"));
  if (auto gone = exclusions.remove(service, **id); !gone) return http::problem(gone.error());
  return json_response(text_of(Json{{"service", service}, {"removed", **id}}));
}

}  // namespace

void add_exclusion_routes(http::Router& router, baseline::Exclusions& exclusions,
                          report::ReportDesk& desk) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  // `answer` gets the service that the request is about.
  const auto of_service = [&desk](auto answer) {
    return [&desk, answer](Request&& request, const Respond& respond) {
      Result<std::string> service = desk.service_of(text_parameter(request, "service"));
      if (!service) return respond(http::problem(service.error()));
      respond(answer(request, *service));
    };
  };
  router.add(http::Method::kGet, "/v1/baselines/exclusions",
             of_service([&exclusions](const Request&, const std::string& service) {
               return listed(exclusions, service);
             }),
             options);
  router.add(http::Method::kDelete, "/v1/baselines/exclusions",
             of_service([&exclusions](const Request& request, const std::string& service) {
               return removed(exclusions, request, service);
             }),
             options);
  http::RouteOptions posted = options;
  posted.media_types = {"application/json"};
  router.add(
      http::Method::kPost, "/v1/baselines/exclusions",
      [&exclusions, &desk](Request&& request, const Respond& respond) {
        respond(added(exclusions, desk, request));
      },
      posted);
}

}  // namespace driftguard::api

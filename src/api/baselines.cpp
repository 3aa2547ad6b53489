// SPDX-License-Identifier: Apache-2.0
#include "api/baselines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/parameters.h"
#include "api/report_query.h"
#include "baseline/baseline_file.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

using Json = nlohmann::ordered_json;
using http::Request;
using http::Respond;

constexpr int kWindowMinutesDefault = 120;
constexpr int kWindowMinutesMax = 43'200;
constexpr int kVersionMax = 1'000'000'000;

Json info_json(const baseline::BaselineInfo& info) {
  Json json;
  json["service"] = info.service;
  json["version"] = info.version;
  json["created_at"] = format_rfc3339(info.created_at);
  json["from"] = format_rfc3339(info.range.from);
  json["to"] = format_rfc3339(info.range.to);
  json["samples"] = info.samples;
  json["active"] = info.active;
  return json;
}

Json activation_json(const baseline::Activation& activation) {
  Json json;
  json["version"] = activation.version;
  json["at"] = activation.at ? Json(format_rfc3339(*activation.at)) : Json(nullptr);
  json["rolled_back"] = activation.rolled_back;
  return json;
}

Result<int> version_of(const std::string& text) {
  int version = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || version > kVersionMax / 10) version = -1;
    if (version < 0) break;
    version = version * 10 + (c - '0');
  }
  if (version <= 0) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a version number", text)};
  }
  return version;
}

// What a POST /v1/baselines asks for.
struct BuildOrder {
  std::string service;
  TimeRange range;
  std::vector<TimeRange> exclude;
};

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

Result<Time> time_member(const Json& json, const char* key) {
  if (!json[key].is_string()) return misfit(fmt::format("{}: not a string", key));
  Result<Time> time = parse_rfc3339(json[key].get<std::string>());
  if (!time) return misfit(fmt::format("{}: {}", key, time.error().detail));
  return time;
}

// [{"from": ..., "to": ...}, ...]
Result<std::vector<TimeRange>> exclude_member(const Json& list) {
  constexpr std::size_t kExcludeMax = 1000;
  if (!list.is_array() || list.size() > kExcludeMax) {
    return misfit(fmt::format("exclude: not a list of at most {} stretches", kExcludeMax));
  }
  std::vector<TimeRange> ranges;
  for (const Json& one : list) {
    if (!one.is_object() || one.size() != 2 || !one.contains("from") || !one.contains("to")) {
      return misfit("exclude: a stretch has from and to, and nothing else");
    }
    Result<Time> from = time_member(one, "from");
    if (!from) return misfit("exclude: " + from.error().detail);
    Result<Time> to = time_member(one, "to");
    if (!to) return misfit("exclude: " + to.error().detail);
    if (*from >= *to) return misfit("exclude: from must lie before to");
    ranges.push_back({*from, *to});
  }
  return ranges;
}

Result<BuildOrder> build_order(const std::string& body, Time now) {
  const Json json = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
  if (!json.is_object()) return misfit("the body is not a JSON object");
  for (const auto& [key, value] : json.items()) {
    if (key != "service" && key != "window_minutes" && key != "from" && key != "to" &&
        key != "exclude") {
      return misfit(fmt::format("unknown member {}", key));
    }
  }
  BuildOrder order;
  if (json.contains("service")) {
    if (!json["service"].is_string()) return misfit("service: not a string");
    order.service = json["service"].get<std::string>();
  }
  if (json.contains("exclude")) {
    Result<std::vector<TimeRange>> exclude = exclude_member(json["exclude"]);
    if (!exclude) return exclude.error();
    order.exclude = *std::move(exclude);
  }
  if (json.contains("from") != json.contains("to")) return misfit("from and to go together");
  if (json.contains("from")) {
    if (json.contains("window_minutes")) {
      return misfit("from and to stand instead of window_minutes, not beside it");
    }
    Result<Time> from = time_member(json, "from");
    if (!from) return from.error();
    Result<Time> to = time_member(json, "to");
    if (!to) return to.error();
    if (*from >= *to) return misfit("from must lie before to");
    order.range = {*from, *to};
    return order;
  }
  int minutes = kWindowMinutesDefault;
  if (json.contains("window_minutes")) {
    const Json& value = json["window_minutes"];
    const double asked = value.is_number_integer() ? value.get<double>() : 0;
    if (asked < 1 || asked > kWindowMinutesMax) {
      return misfit(
          fmt::format("window_minutes: not a whole number from 1 to {}", kWindowMinutesMax));
    }
    minutes = static_cast<int>(asked);
  }
  order.range = {now - std::chrono::minutes(minutes), now};
  return order;
}

http::Response built(const BaselineRoutes& routes, const Request& request) {
  Result<BuildOrder> order = build_order(request.body, routes.clock.now());
  if (!order) return http::problem(order.error());
  if (order->service.empty()) order->service = text_parameter(request, "service");
  Result<std::string> service = routes.desk.service_of(order->service);
  if (!service) return http::problem(service.error());
  Result<std::optional<bool>> activate = flag_parameter(request, "activate");
  if (!activate) return http::problem(activate.error());
  using AfterBuild = baseline::BaselineBook::AfterBuild;
  Result<baseline::BaselinePtr> baseline = routes.book.build(
      *service, order->range, activate->value_or(true) ? AfterBuild::kActivate : AfterBuild::kKeep,
      std::move(order->exclude));
  if (!baseline) return http::problem(baseline.error());
  http::Response response = json_response(baseline::to_json(**baseline), 201);
  response.headers.emplace_back("Location", fmt::format("/v1/baselines/{}", (*baseline)->version));
  return response;
}

http::Response listed(const BaselineRoutes& routes, const std::string& service) {
  Result<std::vector<baseline::BaselineInfo>> infos = routes.book.list(service);
  if (!infos) return http::problem(infos.error());
  Result<baseline::BaselinePtr> active = routes.book.active(service);
  if (!active) return http::problem(active.error());
  Result<std::vector<baseline::Activation>> log = routes.book.activations().log(service);
  if (!log) return http::problem(log.error());
  Json json;
  json["service"] = service;
  json["pinned"] = *active != nullptr && (*active)->source == baseline::Source::kFile;
  json["baselines"] = Json::array();
  for (const baseline::BaselineInfo& info : *infos) json["baselines"].push_back(info_json(info));
  const int previous = baseline::version_before(*log);
  json["previous"] = previous == 0 ? Json(nullptr) : Json(previous);
  json["activations"] = Json::array();
  for (const baseline::Activation& one : *log) json["activations"].push_back(activation_json(one));
  return json_response(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

http::Response active(const BaselineRoutes& routes, const std::string& service) {
  Result<baseline::BaselinePtr> baseline = routes.book.active(service);
  if (!baseline) return http::problem(baseline.error());
  if (!*baseline) {
    return http::problem(Error{ErrorCode::kNotFound, service + " has no baseline yet"});
  }
  return json_response(baseline::to_json(**baseline));
}

http::Response shown(const BaselineRoutes& routes, const std::string& service, int version) {
  Result<baseline::BaselinePtr> baseline = routes.book.load(service, version);
  if (!baseline) return http::problem(baseline.error());
  return json_response(baseline::to_json(**baseline));
}

http::Response now_active(const std::string& service, int version) {
  Json json;
  json["service"] = service;
  json["active"] = version;
  return json_response(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

http::Response activated(const BaselineRoutes& routes, const std::string& service, int version) {
  if (auto done = routes.book.activate(service, version); !done) return http::problem(done.error());
  return now_active(service, version);
}

http::Response rolled_back(const BaselineRoutes& routes, const std::string& service) {
  Result<int> version = routes.book.roll_back(service);
  if (!version) return http::problem(version.error());
  return now_active(service, *version);
}

http::Response promoted(const BaselineRoutes& routes, const Request& request,
                        const std::string& service) {
  Result<report::ReportQuery> query = report_query(request);
  if (!query) return http::problem(query.error());
  query->service = service;
  Result<int> version = routes.desk.promote(*query);
  if (!version) return http::problem(version.error());
  return now_active(service, *version);
}

}  // namespace

std::string to_json(const baseline::BaselineInfo& info) { return info_json(info).dump(); }

void add_baseline_routes(http::Router& router, const BaselineRoutes& routes) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  // `answer` gets the service the request is about, and the path's version where it has one.
  const auto add = [&](http::Method method, std::string_view pattern, auto answer) {
    router.add(
        method, pattern,
        [routes, answer](Request&& request, const Respond& respond) {
          Result<std::string> service = routes.desk.service_of(text_parameter(request, "service"));
          if (!service) return respond(http::problem(service.error()));
          Result<int> version = 1;
          if (const auto at = request.path_parameters.find("version");
              at != request.path_parameters.end()) {
            version = version_of(at->second);
          }
          if (!version) return respond(http::problem(version.error()));
          respond(answer(request, *service, *version));
        },
        options);
  };
  using S = const std::string&;
  add(http::Method::kGet, "/v1/baselines",
      [routes](const Request&, S service, int) { return listed(routes, service); });
  add(http::Method::kGet, "/v1/baselines/active",
      [routes](const Request&, S service, int) { return active(routes, service); });
  add(http::Method::kGet, "/v1/baselines/{version}",
      [routes](const Request&, S service, int version) { return shown(routes, service, version); });
  add(http::Method::kPost, "/v1/baselines/{version}/activate",
      [routes](const Request&, S service, int version) {
        return activated(routes, service, version);
      });
  add(http::Method::kPost, "/v1/baselines/rollback",
      [routes](const Request&, S service, int) { return rolled_back(routes, service); });
  add(http::Method::kPost, "/v1/baselines/promote",
      [routes](const Request& request, S service, int) {
        return promoted(routes, request, service);
      });
  add(http::Method::kGet, "/v1/baselines/{version}/diff/{to}",
      [routes](const Request& request, S service, int version) {
        Result<int> to = version_of(request.path_parameters.at("to"));
        if (!to) return http::problem(to.error());
        Result<report::Report> report = routes.desk.compare(service, version, *to);
        if (!report) return http::problem(report.error());
        return json_response(report::to_json(*report));
      });
  http::RouteOptions posted = options;
  posted.media_types = {"application/json"};
  router.add(
      http::Method::kPost, "/v1/baselines",
      [routes](Request&& request, const Respond& respond) { respond(built(routes, request)); },
      posted);
}

}  // namespace driftguard::api

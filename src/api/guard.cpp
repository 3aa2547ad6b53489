// SPDX-License-Identifier: Apache-2.0
#include "api/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>

#include "api/parameters.h"
#include "http/problem.h"
#include "report/report_json.h"

namespace driftguard::api {
namespace {

using guard::Decision;
using guard::Standing;
using guard::Verdict;
using http::Request;
using http::Respond;
using http::Response;
using report::text_of;
using Json = nlohmann::ordered_json;

constexpr std::size_t kHeaderNamesMax = 10;
constexpr int kServicesDefault = 100;
constexpr int kServicesMost = 1'000;
constexpr int kMinutesMost = 30 * 24 * 60;

// A name as a header may carry it: percent-encoded where it is not plain.
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != ',' && c != '%') {
      text += c;
    } else {
      text += fmt::format("%{:02X}", byte);
    }
  }
  return text;
}

Json decision_json(const Decision& decision, const Standing& standing, Time now) {
  Json json;
  json["decision"] = guard::verdict_name(decision.verdict);
  json["reason"] = guard::reason_name(decision.reason);
  json["detail"] = guard::detail_of(decision, standing, now);
  json["service"] = standing.service;
  Json& alarms = json["alarms"] = Json::array();
  for (const guard::Firing& one : decision.firing) {
    alarms.push_back(
        {{"name", one.name}, {"since", format_rfc3339(one.since)}, {"reason", one.reason}});
  }
  json["override"] = decision.override_ ? guard::override_json(*decision.override_, now) : Json();
  json["evaluated_until"] =
      decision.evaluated_until ? Json(format_rfc3339(*decision.evaluated_until)) : Json();
  return json;
}

void add_headers(const Decision& decision, Response& response) {
  const auto add = [&response](const char* name, std::string value) {
    response.headers.emplace_back(name, std::move(value));
  };
  add("X-Driftguard-Decision", std::string(guard::verdict_name(decision.verdict)));
  add("X-Driftguard-Reason", std::string(guard::reason_name(decision.reason)));
  add("Cache-Control", "no-store");
  if (decision.override_) {
    add("X-Driftguard-Override", fmt::to_string(decision.override_->id));
    add("X-Driftguard-Until", format_rfc3339(decision.override_->order.until));
  }
  if (decision.firing.empty()) return;
  std::string names;
  Time since = kLatest;
  for (std::size_t i = 0; i < decision.firing.size(); ++i) {
    if (i < kHeaderNamesMax) names += (i > 0 ? "," : "") + plain(decision.firing[i].name);
    since = std::min(since, decision.firing[i].since);
  }
  add("X-Driftguard-Alarms", names);
  add("X-Driftguard-Since", format_rfc3339(since));
}

// A denial is a problem as any refusal is, with the decision's members.
Response answer(const Decision& decision, const Standing& standing,
                const std::optional<std::string>& endpoint, Time now) {
  Json json = decision_json(decision, standing, now);
  json["endpoint"] = endpoint ? Json(*endpoint) : Json();
  Response response;
  if (decision.verdict == Verdict::kAllow) {
    response = json_response(text_of(json));
  } else {
    const std::string detail = json["detail"];
    json.erase("detail");
    const std::string members = text_of(json);
    response = http::problem(403, detail,
                             {.type = "/problems/guard-denied",
                              .title = "The guard denies this",
                              .members = std::string_view(members).substr(1, members.size() - 2)});
  }
  add_headers(decision, response);
  return response;
}

// "POST /v2/payments" of a method and a target; the query does not count.
std::string endpoint_of(std::string_view method, std::string_view target) {
  return fmt::format("{} {}", method, target.substr(0, target.find('?')));
}

// As the caller names it: in words, or, as gateways do, by the request that they ask about.
std::optional<std::string> endpoint_asked(const Request& request) {
  if (auto named = optional_text(request, "endpoint")) return named;
  for (const auto& [method, target] : {std::pair{"x-original-method", "x-original-uri"},
                                       std::pair{"x-forwarded-method", "x-forwarded-uri"}}) {
    const auto m = request.header(method);
    const auto t = request.header(target);
    if (m && t && !m->empty() && t->starts_with('/')) return endpoint_of(*m, *t);
  }
  return std::nullopt;
}

Response decided(const guard::GuardDesk& desk, const std::string& service,
                 const std::optional<std::string>& endpoint) {
  Result<guard::StandingPtr> standing = desk.find(service);
  if (!standing) return http::problem(standing.error());
  return answer(desk.decide(**standing, endpoint), **standing, endpoint, desk.clock().now());
}

std::string_view block_name(GuardBlock block) {
  switch (block) {
    case GuardBlock::kMarked:
      return "marked";
    case GuardBlock::kCritical:
      return "critical";
    case GuardBlock::kAll:
      return "all";
    case GuardBlock::kNone:
      return "none";
    case GuardBlock::kListed:
      return "listed";
  }
  return "";
}

Json policy_json(const GuardRule& policy) {
  Json json;
  json["block"] =
      policy.block == GuardBlock::kListed ? Json(policy.listed) : Json(block_name(policy.block));
  json["fail"] = policy.fail_closed ? "closed" : "open";
  json["stale_seconds"] = policy.stale_seconds;
  return json;
}

Json service_json(const guard::GuardDesk& desk, const guard::GuardedService& one) {
  Json json = decision_json(one.decision, *one.standing, desk.clock().now());
  json["policy"] = policy_json(one.standing->policy);
  json["overrides"] = one.standing->overrides.size();
  return json;
}

Response services_of(const guard::GuardDesk& desk, const Request& request) {
  if (const auto service = optional_text(request, "service")) {
    Result<guard::StandingPtr> standing = desk.find(*service);
    if (!standing) return http::problem(standing.error());
    const guard::GuardedService one{*standing, desk.decide(**standing, std::nullopt)};
    return json_response(
        text_of(Json{{"total", 1}, {"services", Json::array({service_json(desk, one)})}}));
  }
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kServicesMost);
  if (!limit) return http::problem(limit.error());
  Result<std::optional<int>> offset =
      int_parameter(request, "offset", 0, std::numeric_limits<int>::max());
  if (!offset) return http::problem(offset.error());
  std::size_t total = 0;
  const auto services =
      desk.list(static_cast<std::size_t>(offset->value_or(0)),
                static_cast<std::size_t>(limit->value_or(kServicesDefault)), &total);
  Json json{{"total", total}};
  Json& list = json["services"] = Json::array();
  for (const guard::GuardedService& one : services) {
    list.push_back(service_json(desk, one));
  }
  return json_response(text_of(json));
}

Response overrides_of(const guard::GuardDesk& desk, const Request& request) {
  constexpr int kMost = static_cast<int>(guard::OverrideBook::kKeptMax);
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kMost);
  if (!limit) return http::problem(limit.error());
  Result<std::optional<bool>> holding = flag_parameter(request, "holding");
  if (!holding) return http::problem(holding.error());
  const std::string service = text_parameter(request, "service");
  const Time now = desk.clock().now();
  Json json;
  Json& list = json["overrides"] = Json::array();
  for (const guard::Override& one : *desk.overrides()) {
    if (!service.empty() && one.order.service != service) continue;
    if (*holding && one.holds(now) != **holding) continue;
    if (list.size() >= static_cast<std::size_t>(limit->value_or(kServicesDefault))) break;
    list.push_back(guard::override_json(one, now));
  }
  return json_response(text_of(json));
}

Error misfit(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

struct Words {
  std::string service, endpoint, decision, reason, by, until;
  std::optional<int> minutes;
};

// The body's members, those allowed alone.
Result<Words> words_of(const std::string& body, bool of_end) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return misfit("the body is not a JSON object");
  Words words;
  for (const auto& [key, value] : json.items()) {
    if (key == "minutes" && !of_end) {
      if (!value.is_number_integer() || value < 1 || value > kMinutesMost) {
        return misfit(fmt::format("minutes: not a whole number from 1 to {}", kMinutesMost));
      }
      words.minutes = value.get<int>();
      continue;
    }
    std::string* into = key == "reason"     ? &words.reason
                        : key == "by"       ? &words.by
                        : of_end            ? nullptr
                        : key == "service"  ? &words.service
                        : key == "endpoint" ? &words.endpoint
                        : key == "decision" ? &words.decision
                        : key == "until"    ? &words.until
                                            : nullptr;
    if (into == nullptr) return misfit(fmt::format("unknown member {}", key));
    if (!value.is_string()) return misfit(fmt::format("{}: not a string", key));
    *into = value.get<std::string>();
  }
  return words;
}

Result<guard::OverrideOrder> order_of(const guard::GuardDesk& desk, const std::string& body) {
  Result<Words> words = words_of(body, false);
  if (!words) return words.error();
  Result<guard::StandingPtr> standing = desk.find(words->service);
  if (!standing) return standing.error();
  guard::OverrideOrder order;
  order.service = (*standing)->service;
  if (!words->endpoint.empty()) order.endpoint = words->endpoint;
  const auto verdict = guard::verdict_named(words->decision);
  if (!verdict) return misfit("decision: neither \"allow\" nor \"deny\"");
  order.verdict = *verdict;
  order.reason = words->reason;
  order.by = words->by;
  if (words->minutes.has_value() == !words->until.empty()) {
    return misfit("minutes or until: one of them is needed");
  }
  if (words->minutes) {
    order.until = desk.clock().now() + std::chrono::minutes(*words->minutes);
    return order;
  }
  Result<Time> until = parse_rfc3339(words->until);
  if (!until) return misfit("until: " + until.error().detail);
  order.until = *until;
  return order;
}

Response added(guard::GuardDesk& desk, const Request& request) {
  Result<guard::OverrideOrder> order = order_of(desk, request.body);
  if (!order) return http::problem(order.error());
  Result<guard::Override> added = desk.add(*order);
  if (!added) return http::problem(added.error());
  return json_response(text_of(guard::override_json(*added, desk.clock().now())), 201);
}

Response ended(guard::GuardDesk& desk, const Request& request) {
  const std::string& text = request.path_parameters.at("id");
  const bool number =
      !text.empty() && text.size() < 16 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return http::problem(misfit("id: not the number of an override"));
  Result<Words> words = words_of(request.body, true);
  if (!words) return http::problem(words.error());
  Result<guard::Override> ended = desk.end(std::stoll(text), words->by, words->reason);
  if (!ended) return http::problem(ended.error());
  return json_response(text_of(guard::override_json(*ended, desk.clock().now())));
}

// Decisions run where the connection is: they wait for nothing.
void add_decisions(http::Router& router, guard::GuardDesk& desk) {
  router.add(http::Method::kGet, "/v1/guard", [&desk](Request&& request, const Respond& respond) {
    respond(decided(desk, text_parameter(request, "service"), endpoint_asked(request)));
  });
  const auto asked = [&desk](Request&& request, const Respond& respond) {
    const std::string endpoint =
        endpoint_of(http::method_name(request.method), "/" + request.path_parameters.at("path"));
    respond(decided(desk, request.path_parameters.at("service"), endpoint));
  };
  using M = http::Method;
  for (const M method :
       {M::kGet, M::kHead, M::kPost, M::kPut, M::kPatch, M::kDelete, M::kOptions}) {
    router.add(method, "/v1/guard/ext_authz/{service}/{path...}", asked);
  }
}

}  // namespace

void add_guard_routes(http::Router& router, guard::GuardDesk& desk) {
  add_decisions(router, desk);
  http::RouteOptions worker;
  worker.run = http::Run::kWorker;
  const auto add = [&](http::Method method, std::string_view pattern, auto answer,
                       const http::RouteOptions& options) {
    router.add(
        method, pattern,
        [&desk, answer](Request&& request, const Respond& respond) {
          respond(answer(desk, request));
        },
        options);
  };
  add(http::Method::kGet, "/v1/guard/services", services_of, worker);
  add(http::Method::kGet, "/v1/guard/overrides", overrides_of, worker);
  http::RouteOptions posted = worker;
  posted.media_types = {"application/json"};
  add(http::Method::kPost, "/v1/guard/overrides", added, posted);
  add(http::Method::kPost, "/v1/guard/overrides/{id}/end", ended, posted);
}

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#include "api/health.h"

#include <nlohmann/json.hpp>

#include "api/parameters.h"

namespace driftguard::api {
namespace {

http::Response answer(store::Store& store, std::string detail) {
  nlohmann::ordered_json json;
  json["status"] = detail.empty() ? "ok" : "unavailable";
  json["store"] = store.engine();
  json["version"] = DRIFTGUARD_VERSION;
  if (!detail.empty()) json["detail"] = std::move(detail);
  return json_response(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                       json.contains("detail") ? 503 : 200);
}

std::string store_problem(store::Store& store) {
  const Result<void> there = store.ping();
  return there ? std::string() : there.error().detail;
}

}  // namespace

void add_health_routes(http::Router& router, store::Store& store,
                       const http::ServerFigures& server) {
  http::RouteOptions waits;  // For the store.
  waits.run = http::Run::kWorker;
  router.add(
      http::Method::kGet, "/health",
      [&store](http::Request&&, const http::Respond& respond) {
        respond(answer(store, store_problem(store)));
      },
      waits);
  router.add(
      http::Method::kGet, "/readyz",
      [&store, &server](http::Request&&, const http::Respond& respond) {
        respond(answer(store, server.draining ? "shutting down" : store_problem(store)));
      },
      waits);
  router.add(http::Method::kGet, "/livez", [&store](http::Request&&, const http::Respond& respond) {
    respond(answer(store, ""));
  });
}

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#include "api/health.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/parameters.h"

namespace driftguard::api {
namespace {

// What people should know of while all is well yet, in sentences.
std::vector<std::string> warnings(const store::DiskWatch* disk) {
  const auto figures = disk == nullptr ? std::nullopt : disk->figures();
  if (!figures || !figures->warning) return {};
  constexpr double kGiB = 1u << 30;
  constexpr double kHour = 3600;
  std::string sentence = fmt::format("The disk has {:.1f} GiB ({:.0f} %) left",
                                     static_cast<double>(figures->space.free_bytes) / kGiB,
                                     figures->space.free_share() * 100);
  if (figures->full_in) {
    sentence += fmt::format(" and is full in {:.1f} hours if it goes on like this",
                            static_cast<double>(figures->full_in->count()) / kHour);
  }
  return {sentence + ". A full disk stops ingestion."};
}

http::Response answer(store::Store& store, std::string detail,
                      const std::vector<std::string>& warnings = {}) {
  nlohmann::ordered_json json;
  json["status"] = detail.empty() ? "ok" : "unavailable";
  json["store"] = store.engine();
  json["version"] = DRIFTGUARD_VERSION;
  if (!detail.empty()) json["detail"] = std::move(detail);
  if (!warnings.empty()) json["warnings"] = warnings;
  return json_response(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                       json.contains("detail") ? 503 : 200);
}

std::string store_problem(store::Store& store) {
  const Result<void> there = store.ping();
  return there ? std::string() : there.error().detail;
}

}  // namespace

void add_health_routes(http::Router& router, store::Store& store, const http::ServerFigures& server,
                       const store::DiskWatch* disk) {
  http::RouteOptions waits;  // For the store.
  waits.run = http::Run::kWorker;
  router.add(
      http::Method::kGet, "/health",
      [&store, disk](http::Request&&, const http::Respond& respond) {
        respond(answer(store, store_problem(store), warnings(disk)));
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

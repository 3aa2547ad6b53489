// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"

#include "api/parameters.h"

namespace driftguard::api {

void add_openapi_route(http::Router& router) {
  router.add(http::Method::kGet, "/openapi.json",
             [](http::Request&&, const http::Respond& respond) {
               respond(json_response(std::string(kOpenApiJson)));
             });
}

}  // namespace driftguard::api

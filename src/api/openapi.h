// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "http/router.h"

namespace driftguard::api {

// GET /openapi.json: src/api/openapi.json, built into the program.
void add_openapi_route(http::Router& router);

// The document's text. Defined in a file that the build makes from openapi.json.
extern const std::string_view kOpenApiJson;

}  // namespace driftguard::api

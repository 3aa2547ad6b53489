// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "report/where_desk.h"

namespace driftguard::api {

// GET /v1/checks/{name}/where    what carries a check's drift
//
// The desk must outlive the router.
void add_where_route(http::Router& router, report::WhereDesk& desk);

}  // namespace driftguard::api

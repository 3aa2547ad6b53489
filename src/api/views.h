// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "report/view_desk.h"

namespace driftguard::api {

// What people look at beside the report itself. The desk must outlive the router.
//
// GET /v1/timeline         every check over time
// GET /v1/checks/{name}    what one check rests on
// GET /v1/examples         raw events from where the drift is
// GET /v1/hosts            who sent events lately
void add_view_routes(http::Router& router, report::ViewDesk& desk);

}  // namespace driftguard::api

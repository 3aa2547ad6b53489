// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "report/overview_desk.h"

namespace driftguard::api {

// GET /v1/overview. `window_minutes` is the default window. The desk must outlive the router; no
// answer comes from the desk once the router is gone.
void add_overview_routes(http::Router& router, report::OverviewDesk& desk, int window_minutes);

}  // namespace driftguard::api

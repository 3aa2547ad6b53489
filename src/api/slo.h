// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "report/slo_desk.h"

namespace driftguard::api {

// GET /v1/slo. The desk must outlive the router.
void add_slo_routes(http::Router& router, report::SloDesk& desk);

}  // namespace driftguard::api

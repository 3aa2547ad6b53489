// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "report/report_desk.h"

namespace driftguard::api {

// GET /reports/latest. The desk must outlive the router.
void add_report_routes(http::Router& router, report::ReportDesk& desk);

}  // namespace driftguard::api

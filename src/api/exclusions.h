// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/exclusions.h"
#include "http/router.h"
#include "report/report_desk.h"

namespace driftguard::api {

// GET /v1/baselines/exclusions      stretches that a service's baselines leave out
// POST /v1/baselines/exclusions     adds one
// DELETE /v1/baselines/exclusions   removes the one that `?id=` names
// All refer to `?service=`, or to the only service. Both must outlive the router.
void add_exclusion_routes(http::Router& router, baseline::Exclusions& exclusions,
                          report::ReportDesk& desk);

}  // namespace driftguard::api

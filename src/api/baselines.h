// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/baseline_book.h"
#include "core/clock.h"
#include "http/router.h"
#include "report/report_desk.h"

namespace driftguard::api {

struct BaselineRoutes {
  baseline::BaselineBook& book;
  report::ReportDesk& desk;
  const Clock& clock;
};

// GET /v1/baselines                       the versions of a service
// POST /v1/baselines                      builds a version and activates it, unless ?activate=false
// GET /v1/baselines/active                what reports compare with, as a baseline file
// GET /v1/baselines/{version}             one version, as a baseline file
// POST /v1/baselines/{version}/activate   makes it the active one
// POST /v1/baselines/promote              makes what ?baseline= names the active version
// POST /v1/baselines/rollback             activates the version that was active before
// GET /v1/baselines/{version}/diff/{to}   `to` against `version`, as a report
// All refer to `?service=`, or to the only service. What `routes` refers to must outlive the
// router.
void add_baseline_routes(http::Router& router, const BaselineRoutes& routes);

// One line of the list of versions.
std::string to_json(const baseline::BaselineInfo& info);

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "alert/evaluator.h"
#include "baseline/baseline_book.h"
#include "http/router.h"
#include "report/report_desk.h"

namespace driftguard::api {

struct AlarmRoutes {
  alert::Evaluator& alarms;
  baseline::BaselineBook& baselines;
  report::ReportDesk& desk;
};

// GET /v1/alarms                   every alarm of a service, and its open incident
// GET /v1/alarms/{name}/evidence   how one alarm's evidence went
// GET /v1/incidents                incidents, open and closed, of a service or of all
// GET /v1/backtest                 what alarms would have said of stored traffic
// What is referred to must outlive the router.
void add_alarm_routes(http::Router& router, const AlarmRoutes& routes);

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "alert/evaluator.h"
#include "alert/outbox.h"
#include "alert/silences.h"
#include "baseline/baseline_book.h"
#include "http/router.h"
#include "report/report_desk.h"

namespace driftguard::api {

struct AlarmRoutes {
  alert::Evaluator& alarms;
  baseline::BaselineBook& baselines;
  report::ReportDesk& desk;
  alert::Outbox& outbox;
  alert::Silences& silences;
  const Clock& clock;
};

// GET /v1/alarms                   every alarm of a service, and its open incident
// GET /v1/alarms/{name}/evidence   how one alarm's evidence went
// GET /v1/backtest                 what alarms would have said of stored traffic
// What is referred to must outlive the router.
void add_alarm_routes(http::Router& router, const AlarmRoutes& routes);

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "alert/evaluator.h"
#include "http/router.h"
#include "report/report_desk.h"

namespace driftguard::api {

// GET /v1/alarms      every alarm of a service, and its open incident
// GET /v1/incidents   incidents, open and closed, of a service or of all
// What is referred to must outlive the router.
void add_alarm_routes(http::Router& router, alert::Evaluator& alarms, report::ReportDesk& desk);

}  // namespace driftguard::api

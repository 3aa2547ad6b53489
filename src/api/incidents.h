// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "alert/evaluator.h"
#include "alert/outbox.h"
#include "alert/silences.h"
#include "http/router.h"
#include "notify/couriers.h"

namespace driftguard::api {

struct IncidentRoutes {
  alert::Evaluator& alarms;
  alert::Outbox& outbox;
  alert::Silences& silences;
  const notify::Couriers& couriers;
  const Clock& clock;
};

// GET  /v1/incidents            incidents, open and closed, and what was told of them
// POST /v1/incidents/{id}/ack   somebody knows: no more reminders
// GET  /v1/notices              who is told, and what waits to be
// GET, POST, DELETE /v1/silences   stretches in which no message goes out
// What is referred to must outlive the router.
void add_incident_routes(http::Router& router, const IncidentRoutes& routes);

}  // namespace driftguard::api

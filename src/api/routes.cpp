// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include "api/alarms.h"
#include "api/baselines.h"
#include "api/compare.h"
#include "api/events.h"
#include "api/exclusions.h"
#include "api/guard.h"
#include "api/health.h"
#include "api/incidents.h"
#include "api/ingest.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/overview.h"
#include "api/reports.h"
#include "api/slo.h"
#include "api/views.h"
#include "api/where.h"

namespace driftguard::api {

void add_routes(http::Router& router, const ApiParts& parts) {
  add_ingest_routes(router, parts.pipeline);
  add_report_routes(router, parts.desk);
  add_alarm_routes(router, {parts.alarms, parts.baselines, parts.desk, parts.outbox, parts.silences,
                            parts.clock});
  add_incident_routes(router,
                      {parts.alarms, parts.outbox, parts.silences, parts.couriers, parts.clock});
  add_compare_routes(router, parts.comparisons);
  add_guard_routes(router, parts.guard);
  add_view_routes(router, parts.views);
  add_where_route(router, parts.where);
  add_overview_routes(router, parts.overviews, parts.window_minutes);
  add_slo_routes(router, parts.slo);
  add_baseline_routes(router, {parts.baselines, parts.desk, parts.clock});
  add_exclusion_routes(router, parts.exclusions, parts.desk);
  add_event_routes(router, parts.store);
  add_health_routes(router, parts.store, parts.server, parts.disk);
  add_metrics_routes(
      router, {parts.store, parts.pipeline, parts.baselines, parts.alarms, parts.server, parts.tree,
               parts.queue_bytes_max, parts.retention, parts.disk, parts.couriers, parts.overviews,
               parts.guard, parts.window_minutes});
  add_openapi_route(router);
}

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "alert/evaluator.h"
#include "baseline/baseline_book.h"
#include "core/clock.h"
#include "guard/guard_desk.h"
#include "http/figures.h"
#include "http/router.h"
#include "ingest/pipeline.h"
#include "notify/couriers.h"
#include "report/overview_desk.h"
#include "store/disk_watch.h"
#include "store/retention.h"
#include "store/store.h"
#include "window/rollup_tree.h"

namespace driftguard::api {

// What /metrics tells of. `tree` and `disk` may be null.
struct MetricsSources {
  store::Store& store;
  ingest::Pipeline& pipeline;
  baseline::BaselineBook& baselines;
  const alert::Evaluator& alarms;
  const http::ServerFigures& server;
  const window::RollupTree* tree;
  std::size_t queue_bytes_max;
  const store::Retention& retention;
  const store::DiskWatch* disk;
  const notify::Couriers& couriers;
  report::OverviewDesk& overviews;
  const guard::GuardDesk& guard;
  int window_minutes;  // Of checks.
};

// GET /metrics in Prometheus' text format, and the router's observer that counts requests. Labels
// are bounded: routes by their patterns, never by what clients ask for; services, checks and alarms
// by number (check_metrics.h).
void add_metrics_routes(http::Router& router, const MetricsSources& sources);

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "alert/evaluator.h"
#include "alert/outbox.h"
#include "alert/silences.h"
#include "baseline/baseline_book.h"
#include "core/clock.h"
#include "guard/guard_desk.h"
#include "http/figures.h"
#include "http/router.h"
#include "ingest/pipeline.h"
#include "notify/couriers.h"
#include "report/compare_desk.h"
#include "report/overview_desk.h"
#include "report/report_desk.h"
#include "report/slo_desk.h"
#include "report/view_desk.h"
#include "report/where_desk.h"
#include "store/disk_watch.h"
#include "store/retention.h"
#include "store/store.h"
#include "window/rollup_tree.h"

namespace driftguard::api {

// What the API answers from; all of it must outlive the router. `tree` and `disk` may be null.
struct ApiParts {
  store::Store& store;
  ingest::Pipeline& pipeline;
  baseline::BaselineBook& baselines;
  baseline::Exclusions& exclusions;
  alert::Evaluator& alarms;
  guard::GuardDesk& guard;
  report::ReportDesk& desk;
  report::CompareDesk& comparisons;
  report::ViewDesk& views;
  report::OverviewDesk& overviews;
  report::SloDesk& slo;
  report::WhereDesk& where;
  const Clock& clock;
  const window::RollupTree* tree;
  const http::ServerFigures& server;
  std::size_t queue_bytes_max;
  const store::Retention& retention;
  const store::DiskWatch* disk;
  int window_minutes;  // Of a report, unless it is asked for another.
  alert::Outbox& outbox;
  alert::Silences& silences;
  const notify::Couriers& couriers;
};

// Every route of the program. openapi.json describes them, and a test holds the two together.
void add_routes(http::Router& router, const ApiParts& parts);

}  // namespace driftguard::api

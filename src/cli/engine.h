// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "alert/evaluator.h"
#include "alert/inflow.h"
#include "alert/outbox.h"
#include "alert/silences.h"
#include "baseline/baseline_book.h"
#include "baseline/exclusions.h"
#include "baseline/feature_names.h"
#include "baseline/name_claims.h"
#include "core/clock.h"
#include "core/config.h"
#include "guard/guard_desk.h"
#include "ingest/pipeline.h"
#include "report/compare_desk.h"
#include "report/overview_desk.h"
#include "report/report_desk.h"
#include "report/slo_desk.h"
#include "report/view_desk.h"
#include "report/where_desk.h"
#include "store/retention.h"
#include "store/store.h"
#include "window/rollup_tree.h"
#include "window/window_reader.h"

namespace driftguard::cli {

// Opens the store that DATABASE_URL names.
Result<std::unique_ptr<store::Store>> open_store(const Config& config, const Clock& clock);

// Where the embedded store's files are; empty for other stores.
std::string data_directory(const Config& config);

store::RetentionRules retention_rules(const Config& config);

// The parts of a running driftguard, wired: members in the order of dependence, so that they go in
// reverse. What `serve` serves, and what verbs without --url work with.
struct Engine {
  Engine(Config settings, std::unique_ptr<store::Store> opened);

  const Config config;
  SystemClock clock;
  std::unique_ptr<store::Store> store;
  ingest::FeatureRules rules;
  std::unique_ptr<window::RollupTree> tree;  // Null unless the store is ours alone.
  alert::Inflow inflow;
  baseline::FeatureNames names;
  baseline::NameClaims claims;
  ingest::Pipeline pipeline;
  window::WindowReader windows;
  baseline::Exclusions exclusions;
  baseline::BaselineBook baselines;
  alert::Evaluator alarms;
  alert::Outbox outbox;
  alert::Silences silences;
  guard::GuardDesk guard;
  report::ReportDesk desk;
  report::CompareDesk comparisons;
  store::Retention retention;
  report::ViewDesk views;
  report::OverviewDesk overviews;
  report::SloDesk slo;
  report::WhereDesk where;

 private:
  report::ViewSources view_sources();
  guard::GuardSources guard_sources();
};

// An Engine on the configured store.
Result<std::unique_ptr<Engine>> make_engine(const Config& config);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
// Every service in short, by trouble. Values and pure functions; safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/service_alarms.h"
#include "report/outline.h"
#include "report/outline_memo.h"
#include "report/time_grid.h"

namespace driftguard::report {

// The last hours of a segment, step by step.
struct Trend {
  std::vector<std::uint64_t> samples;
  std::vector<State> states;
  friend bool operator==(const Trend&, const Trend&) = default;
};

struct OverviewRow {
  std::string name;            // Of the service or the endpoint.
  OutlineMemo::Made outline;   // Never null.
  std::optional<Trend> trend;  // Empty until it has been worked out.
};
bool operator==(const OverviewRow& a, const OverviewRow& b);

struct OverviewService {
  OverviewRow row;
  std::optional<int> baseline_version;
  std::optional<alert::AlarmBrief> alarm;  // Empty: not evaluated, or not lately.
  std::size_t endpoint_count = 0;
  std::vector<OverviewRow> endpoints;  // The worst first, at most kEndpointsShownMax.
  friend bool operator==(const OverviewService&, const OverviewService&) = default;
};

inline constexpr std::size_t kEndpointsShownMax = 20;

struct OverviewTotals {
  std::size_t services = 0;
  std::size_t endpoints = 0;
  std::size_t ok = 0;  // Services by state.
  std::size_t fail = 0;
  std::size_t insufficient = 0;
  std::size_t firing = 0;  // Services with an alarm that fires.
};

// Immutable once made.
struct Overview {
  Time generated_at;
  int window_minutes = 0;
  TimeGrid grid;                                                 // Of every trend.
  std::vector<std::shared_ptr<const OverviewService>> services;  // By trouble; see worse().
  OverviewTotals totals;
};
using OverviewPtr = std::shared_ptr<const Overview>;

// The order of trouble: failing ones first, the most severe first; then those that are ok, then
// those that cannot be judged; then by name.
bool worse(const OverviewRow& a, const OverviewRow& b);

// Sorts the services, those with an alarm that fires first, and counts them.
void arrange(Overview* overview);

// Whether two show the same, whenever they were made.
bool show_the_same(const Overview& a, const Overview& b);

// What of it is asked for.
struct OverviewQuery {
  std::string text = {};  // Of the name of a service or endpoint, in any case; empty: any.
  std::optional<State> state = {};  // Of services.
  std::size_t limit = 100;
  std::size_t offset = 0;
  friend bool operator==(const OverviewQuery&, const OverviewQuery&) = default;
};

std::string to_json(const Overview& overview, const OverviewQuery& query);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "report/overview.h"
#include "report/view_desk.h"

namespace driftguard::report {

// Every bound of an overview.
struct OverviewOptions {
  int window_minutes = 30;
  std::size_t services_max = 10'000;  // In the order of their names; further ones are left out.
  std::size_t endpoints_max = 100;    // Of a service, the busiest; further ones get no row.
  std::chrono::seconds trend_step{900};
  std::int64_t trend_steps = 24;
  // Steps of trends worked out in one pass, so that the first overviews come soon.
  std::size_t trend_steps_a_pass = 2000;
  // The last steps of a trend are looked at again after this; all of them when events came for
  // earlier ones, and anyway after that.
  Microseconds trend_fresh{std::chrono::seconds(30)};
  Microseconds trend_settled{std::chrono::minutes(10)};
};

// Makes the overviews of one window's length, one after another, each from the last one and what
// changed. Not thread-safe; what it refers to must outlive it.
class OverviewBuilder final {
 public:
  OverviewBuilder(const ViewSources& sources, ViewDesk& views, OverviewOptions options);

  // The overview of the window that ends now; the last one if nothing of it changed.
  Result<OverviewPtr> build();

 private:
  // What happened in one step of a service's trend.
  struct Cell {
    std::uint64_t samples = 0;
    State state = State::kInsufficient;
  };
  struct Step {
    bool known = false;
    std::string fingerprint;  // Of the events.
    std::weak_ptr<const baseline::Baseline> baseline;
    std::map<std::string, Cell> cells;  // By endpoint; the whole service under "".
  };
  struct Unit {
    std::shared_ptr<const OverviewService> shown;
    baseline::BaselinePtr baseline;
    TimeGrid grid;
    std::vector<Step> steps;
    Time fresh_at{};    // When the last steps were looked at.
    Time settled_at{};  // When all of them were.
  };
  using Endpoints = std::vector<std::string>;
  using Rows = std::map<std::string, OutlineMemo::Made>;  // By endpoint; the service under "".
  using Outliner = std::function<Result<OutlineMemo::Made>(const window::Window& live,
                                                           const window::Segment& segment)>;

  Result<std::map<std::string, Endpoints>> services();
  Result<void> refresh(const std::string& service, Endpoints endpoints, Time now);
  static Result<Rows> outline(const std::string& service, const window::Window& live,
                              const Endpoints& endpoints, const baseline::Baseline* baseline,
                              const Outliner& outline_of);
  Result<void> refresh_trends(Time now);
  static void move_on(Unit* unit, const TimeGrid& grid);
  Result<void> refresh_known(const std::string& service, Unit* unit, Time now);
  Result<bool> refresh_steps(const std::string& service, Unit* unit,
                             const std::function<bool(std::size_t)>& wanted);
  Result<void> refresh_step(const std::string& service, TimeRange range,
                            const baseline::BaselinePtr& baseline, Step* step);
  Result<bool> is_settled(const std::string& service, const Unit& unit);
  static void show_trend(Unit* unit);

  const ViewSources sources_;
  ViewDesk& views_;
  const OverviewOptions options_;
  std::map<std::string, Unit> units_;  // By service.
  std::size_t steps_left_ = 0;         // Of this pass.
  OverviewPtr last_;
};

}  // namespace driftguard::report

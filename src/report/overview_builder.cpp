// SPDX-License-Identifier: Apache-2.0
#include "report/overview_builder.h"

#include <algorithm>

namespace driftguard::report {
namespace {

// Steps of a trend that still fill: the one of now, and the one before for what comes late.
constexpr std::size_t kStepsUnderWay = 2;

bool all(const std::string&) { return true; }

// The busiest endpoints, quiet ones in the order of their names.
void keep_busiest(std::size_t most, const window::Window& live,
                  std::vector<std::string>* endpoints) {
  if (endpoints->size() <= most) return;
  const auto events = [&](const std::string& endpoint) {
    const auto at = live.endpoints.find(endpoint);
    return at == live.endpoints.end() ? 0 : at->second->events;
  };
  std::stable_sort(endpoints->begin(), endpoints->end(),
                   [&](const auto& a, const auto& b) { return events(a) > events(b); });
  endpoints->resize(most);
}

// Whether an endpoint's report is the whole service's.
bool is_all(const std::string& endpoint, const window::Window& live,
            const std::vector<std::string>& endpoints, const baseline::Baseline* baseline) {
  if (endpoints.size() != 1 || live.endpoints.size() > 1) return false;
  if (baseline == nullptr || baseline->endpoints.empty()) return true;
  return baseline->endpoints.size() == 1 && baseline->endpoints.contains(endpoint);
}

}  // namespace

OverviewBuilder::OverviewBuilder(const ViewSources& sources, ViewDesk& views,
                                 OverviewOptions options)
    : sources_(sources), views_(views), options_(options) {}

Result<OverviewPtr> OverviewBuilder::build() {
  const Time now = sources_.clock.now();
  Result<std::map<std::string, Endpoints>> found = services();
  if (!found) return found.error();
  std::erase_if(units_, [&](const auto& unit) { return !found->contains(unit.first); });
  for (auto& [service, endpoints] : *found) {
    if (auto done = refresh(service, std::move(endpoints), now); !done) return done.error();
  }
  if (auto done = refresh_trends(now); !done) return done.error();
  auto overview = std::make_shared<Overview>();
  overview->generated_at = now;
  overview->window_minutes = options_.window_minutes;
  overview->grid = grid_until(now, options_.trend_step, options_.trend_steps);
  for (const auto& [service, unit] : units_) overview->services.push_back(unit.shown);
  arrange(overview.get());
  if (!last_ || !show_the_same(*last_, *overview)) last_ = std::move(overview);
  return last_;
}

Result<std::map<std::string, OverviewBuilder::Endpoints>> OverviewBuilder::services() {
  Result<std::vector<store::SegmentName>> segments = sources_.store.list_segments("");
  if (!segments) return segments.error();
  std::map<std::string, Endpoints> services;
  for (store::SegmentName& segment : *segments) {
    if (services.size() == options_.services_max && !services.contains(segment.service)) break;
    services[segment.service].push_back(std::move(segment.endpoint));
  }
  return services;
}

Result<void> OverviewBuilder::refresh(const std::string& service, Endpoints endpoints, Time now) {
  const TimeRange range{now - std::chrono::minutes(options_.window_minutes), now};
  Result<window::Window> live = sources_.windows.read({service, {}, {}}, range);
  if (!live) return live.error();
  Result<baseline::BaselinePtr> baseline = sources_.baselines.active(service);
  if (!baseline) return baseline.error();
  auto made = std::make_shared<OverviewService>();
  made->endpoint_count = endpoints.size();
  if (*baseline) made->baseline_version = (*baseline)->version;
  if (sources_.alarm_of) made->alarm = sources_.alarm_of(service);
  keep_busiest(options_.endpoints_max, *live, &endpoints);
  Result<Rows> rows = outline(service, *live, endpoints, baseline->get(),
                              [&](const window::Window& part, const window::Segment& segment) {
                                return views_.known_outline(part, segment, *baseline, all, "");
                              });
  if (!rows) return rows.error();
  for (auto& [endpoint, row] : *rows) {
    OverviewRow shown{endpoint.empty() ? service : endpoint, std::move(row), {}};
    if (endpoint.empty()) {
      made->row = std::move(shown);
    } else {
      made->endpoints.push_back(std::move(shown));
    }
  }
  std::sort(made->endpoints.begin(), made->endpoints.end(), worse);
  made->endpoints.resize(std::min(made->endpoints.size(), kEndpointsShownMax));
  Unit& unit = units_[service];
  unit.shown = std::move(made);
  unit.baseline = std::move(*baseline);
  return {};
}

Result<OverviewBuilder::Rows> OverviewBuilder::outline(const std::string& service,
                                                       const window::Window& live,
                                                       const Endpoints& endpoints,
                                                       const baseline::Baseline* baseline,
                                                       const Outliner& outline_of) {
  Rows rows;
  Result<OutlineMemo::Made> whole = outline_of(live, {service, {}, {}});
  if (!whole) return whole.error();
  rows[""] = *whole;
  for (const std::string& endpoint : endpoints) {
    if (is_all(endpoint, live, endpoints, baseline)) {
      rows[endpoint] = *whole;
      continue;
    }
    window::Window part{live.range, {}};
    if (const auto at = live.endpoints.find(endpoint); at != live.endpoints.end()) {
      part.endpoints.insert(*at);
    }
    Result<OutlineMemo::Made> row = outline_of(part, {service, endpoint, {}});
    if (!row) return row.error();
    rows[endpoint] = std::move(*row);
  }
  return rows;
}

// The worst services first, as long as there are steps left: steps not looked at yet, for a trend
// is shown when all of it is known, then those that may have changed.
Result<void> OverviewBuilder::refresh_trends(Time now) {
  steps_left_ = options_.trend_steps_a_pass;
  std::vector<std::pair<const std::string*, Unit*>> due;
  for (auto& [service, unit] : units_) due.emplace_back(&service, &unit);
  std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) {
    return worse(a.second->shown->row, b.second->shown->row);
  });
  for (const auto& [service, unit] : due) {
    move_on(unit, grid_until(now, options_.trend_step, options_.trend_steps));
    const auto unknown = [steps = &unit->steps](std::size_t i) { return !(*steps)[i].known; };
    Result<bool> finished = refresh_steps(*service, unit, unknown);
    if (!finished) return finished.error();
    const bool first = unit->settled_at == Time{};
    if (*finished && first) unit->settled_at = unit->fresh_at = now;
  }
  for (const auto& [service, unit] : due) {
    if (auto done = refresh_known(*service, unit, now); !done) return done;
    show_trend(unit);
  }
  return {};
}

// Lets steps of before the grid go.
void OverviewBuilder::move_on(Unit* unit, const TimeGrid& grid) {
  if (unit->grid == grid) return;
  const std::int64_t passed =
      unit->steps.empty() ? grid.steps : (grid.from - unit->grid.from) / grid.step;
  const auto gone = std::clamp<std::int64_t>(passed, 0, grid.steps);
  if (passed < 0) unit->steps.clear();
  if (!unit->steps.empty()) unit->steps.erase(unit->steps.begin(), unit->steps.begin() + gone);
  unit->steps.resize(static_cast<std::size_t>(grid.steps));
  unit->grid = grid;
}

Result<void> OverviewBuilder::refresh_known(const std::string& service, Unit* unit, Time now) {
  bool settled_due = unit->settled_at + options_.trend_settled <= now;
  const bool fresh_due = settled_due || unit->fresh_at + options_.trend_fresh <= now;
  if (!fresh_due) return {};
  if (!settled_due) {
    Result<bool> settled = is_settled(service, *unit);
    if (!settled) return settled.error();
    settled_due = !*settled;
  }
  const std::size_t first =
      settled_due || unit->steps.size() <= kStepsUnderWay ? 0 : unit->steps.size() - kStepsUnderWay;
  Result<bool> finished =
      refresh_steps(service, unit, [first](std::size_t i) { return i >= first; });
  if (!finished) return finished.error();
  if (*finished) unit->fresh_at = now;
  if (*finished && settled_due) unit->settled_at = now;
  return {};
}

// False: there were not enough steps left for all that are wanted.
Result<bool> OverviewBuilder::refresh_steps(const std::string& service, Unit* unit,
                                            const std::function<bool(std::size_t)>& wanted) {
  for (std::size_t i = 0; i < unit->steps.size(); ++i) {
    if (!wanted(i)) continue;
    if (steps_left_ == 0) return false;
    --steps_left_;
    const TimeRange range = unit->grid.at(static_cast<std::int64_t>(i));
    if (auto done = refresh_step(service, range, unit->baseline, &unit->steps[i]); !done) {
      return done.error();
    }
  }
  return true;
}

// Whether the steps before the last ones hold as many events as when they were looked at: an import
// brings events of the past.
Result<bool> OverviewBuilder::is_settled(const std::string& service, const Unit& unit) {
  if (unit.steps.size() <= kStepsUnderWay) return true;
  const std::size_t settled = unit.steps.size() - kStepsUnderWay;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < settled; ++i) {
    const auto all = unit.steps[i].cells.find("");
    if (all != unit.steps[i].cells.end()) seen += all->second.samples;
  }
  const Time end = unit.grid.at(static_cast<std::int64_t>(settled)).from;
  Result<window::Window> live = sources_.windows.read({service, {}, {}}, {unit.grid.from, end});
  if (!live) return live.error();
  std::uint64_t there = 0;
  for (const auto& [endpoint, rollup] : live->endpoints) there += rollup->events;
  return there == seen;
}

void OverviewBuilder::show_trend(Unit* unit) {
  const bool known = std::all_of(unit->steps.begin(), unit->steps.end(),
                                 [](const Step& step) { return step.known; });
  if (!known) return;
  auto shown = std::make_shared<OverviewService>(*unit->shown);
  const auto trend_of = [&](const std::string& endpoint) {
    Trend trend;
    for (const Step& step : unit->steps) {
      const auto at = step.cells.find(endpoint);
      const Cell cell = at == step.cells.end() ? Cell() : at->second;
      trend.samples.push_back(cell.samples);
      trend.states.push_back(cell.state);
    }
    return trend;
  };
  shown->row.trend = trend_of("");
  for (OverviewRow& row : shown->endpoints) row.trend = trend_of(row.name);
  unit->shown = std::move(shown);
}

Result<void> OverviewBuilder::refresh_step(const std::string& service, TimeRange range,
                                           const baseline::BaselinePtr& baseline, Step* step) {
  Result<window::Window> live = sources_.windows.read({service, {}, {}}, range);
  if (!live) return live.error();
  std::string fingerprint = fingerprint_of(*live) + (baseline ? '+' : '-');
  if (step->known && step->fingerprint == fingerprint && step->baseline.lock() == baseline) {
    return {};
  }
  Endpoints endpoints;
  for (const auto& [endpoint, rollup] : live->endpoints) endpoints.push_back(endpoint);
  keep_busiest(options_.endpoints_max, *live, &endpoints);
  // Remembered here, so not once more where views of the moment are.
  Result<Rows> rows = outline(
      service, *live, endpoints, baseline.get(),
      [&](const window::Window& part, const window::Segment& segment) -> Result<OutlineMemo::Made> {
        Result<SegmentOutline> made = views_.outline(part, segment, baseline, all);
        if (!made) return made.error();
        return std::make_shared<const SegmentOutline>(std::move(*made));
      });
  if (!rows) return rows.error();
  step->cells.clear();
  for (const auto& [endpoint, row] : *rows) step->cells[endpoint] = {row->samples, row->state};
  step->known = true;
  step->fingerprint = std::move(fingerprint);
  step->baseline = baseline;
  return {};
}

}  // namespace driftguard::report

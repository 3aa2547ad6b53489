// SPDX-License-Identifier: Apache-2.0
#include "report/where_desk.h"

#include <algorithm>
#include <map>

#include "report/look.h"
#include "report/where_rows.h"

namespace driftguard::report {
namespace {

using Kind = WhereDimension::Kind;

// A condition by rollups alone must carry so much, and so much more than of the traffic.
constexpr double kCarriedMin = 0.6;
constexpr double kNarrowingMin = 0.15;
// The range that carries so much stands for all of them.
constexpr double kLeadingRangeMin = 0.5;

using Tallies = std::vector<std::pair<std::string, Tally>>;

bool has_field(const rollup::Rollup* rollup, const std::string& pointer) {
  return rollup != nullptr && rollup->features.contains(pointer);
}

// Of all together under "" where the baseline does not tell endpoints apart.
using RollupPtr = std::shared_ptr<const rollup::Rollup>;
RollupPtr lent(const rollup::Rollup& rollup) { return {RollupPtr(), &rollup}; }

WhereSides sides_of(const Look& look) {
  WhereSides sides{{{}, &look.comparison.live()}, {{}, &look.comparison.baseline()}};
  if (look.baseline && look.baseline->endpoints.empty()) {
    sides.live.endpoints.emplace("", lent(look.comparison.live()));
    sides.baseline.endpoints.emplace("", lent(look.comparison.baseline()));
    return sides;
  }
  sides.live.endpoints = look.live.endpoints;
  if (!look.baseline) return sides;
  const auto& asked = look.detail.segment.endpoint;
  for (const auto& [endpoint, rollup] : look.baseline->endpoints) {
    if (!asked || *asked == endpoint) sides.baseline.endpoints.emplace(endpoint, rollup);
  }
  return sides;
}

Portion portion_of(const stats::Proportion& counted) {
  return {static_cast<double>(counted.successes), static_cast<double>(counted.trials)};
}

// The counts of every endpoint, the busiest first.
Tallies tallies_of(const WhereSides& sides, const DriftPlace& place) {
  struct Both {
    const rollup::Rollup* live = nullptr;
    const rollup::Rollup* baseline = nullptr;
    std::uint64_t events() const {
      return (live ? live->events : 0) + (baseline ? baseline->events : 0);
    }
  };
  std::map<std::string, Both> endpoints;
  for (const auto& [name, rollup] : sides.live.endpoints) endpoints[name].live = rollup.get();
  for (const auto& [name, rollup] : sides.baseline.endpoints) {
    endpoints[name].baseline = rollup.get();
  }
  std::vector<std::pair<std::string, Both>> busiest(endpoints.begin(), endpoints.end());
  std::stable_sort(busiest.begin(), busiest.end(), [](const auto& a, const auto& b) {
    return a.second.events() > b.second.events();
  });
  busiest.resize(std::min(busiest.size(), WhereDesk::kEndpointsMax));
  Tallies tallies;
  for (const auto& [endpoint, both] : busiest) {
    const bool could =
        has_field(both.live, place.pointer) || has_field(both.baseline, place.pointer);
    Tally tally;
    if (both.live != nullptr) tally.live = portion_of(count_in(*both.live, place, could));
    if (both.baseline != nullptr) {
      tally.baseline = portion_of(count_in(*both.baseline, place, could));
    }
    tallies.emplace_back(endpoint, tally);
  }
  return tallies;
}

struct Total {
  double live = 0;
  double baseline = 0;
};

Total total_of(const Tallies& tallies, const DriftPlace& place) {
  Tally all;
  for (const auto& [name, tally] : tallies) {
    all.live.in += tally.live.in;
    all.live.of += tally.live.of;
    all.baseline.in += tally.baseline.in;
    all.baseline.of += tally.baseline.of;
  }
  const auto share = [](const Portion& part, double otherwise) {
    return part.of == 0 ? otherwise : part.in / part.of;
  };
  return {share(all.live, 0), share(all.baseline, place.allowed.value_or(0))};
}

// By the check's own values, and by endpoint.
void add_rollup_dimensions(const Look& look, const WhereSides& sides, Where* where) {
  DriftPlace& place = *where->place;
  if (auto values = dimension_of_values(look.comparison, look.detail.detail)) {
    where->dimensions.push_back(std::move(*values));
  }
  const Tallies tallies = tallies_of(sides, place);
  const Total total = total_of(tallies, place);
  where->moved = std::max(0.0, total.live - total.baseline);
  const bool told_apart = tallies.size() > 1 || (!tallies.empty() && !tallies[0].first.empty());
  if (!look.detail.segment.endpoint && told_apart) {
    WhereDimension endpoints;
    endpoints.kind = Kind::kEndpoint;
    endpoints.segments = shared_out(tallies, place);
    endpoints = ranked(std::move(endpoints));
    if (!endpoints.segments.empty()) where->dimensions.push_back(std::move(endpoints));
  }
  // Where single events of the baseline lack, its share is expected of every part.
  if (look.baseline) place.allowed = total.baseline;
}

// The leading range of values, if there is one.
std::optional<ValueRange> leading(const std::vector<WhereDimension>& dimensions) {
  for (const WhereDimension& dimension : dimensions) {
    if (dimension.kind == Kind::kRange && dimension.segments[0].share >= kLeadingRangeMin) {
      return dimension.segments[0].range;
    }
  }
  return std::nullopt;
}

// Where rollups alone must do.
void describe_by_endpoint(Where* where) {
  where->share = 1;
  for (const WhereDimension& dimension : where->dimensions) {
    if (dimension.kind != Kind::kEndpoint) continue;
    const WhereSegment& first = dimension.segments[0];
    if (first.share < kCarriedMin || first.share - first.live < kNarrowingMin) return;
    where->conditions.push_back({dimension.name(), first.name});
    where->share = std::min(1.0, first.share);
  }
}

void describe(const RowTable& table, Where* where) {
  std::optional<ValueRange> within = leading(where->dimensions);
  const RowTable::Common common = table.common(within);
  if (common.conditions.empty()) {
    describe_by_endpoint(where);
  } else {
    where->conditions = common.conditions;
    where->share = std::min(1.0, common.share);
  }
  using What = DriftPlace::What;
  const DriftPlace& place = *where->place;
  const bool of_values = place.what == What::kNumbers || place.what == What::kCategories ||
                         place.what == What::kDuration;
  if (!of_values && !where->conditions.empty()) return;
  DriftPlace told = place;
  if (within && !common.conditions.empty()) told.ranges = {*within};
  where->conditions.push_back({"value", told.text()});
}

// Changes of the schema by endpoint and by field: each weighs how far its share moved, times the
// events (or values) it is a share of.
void where_in_schema(const SchemaCheck& check, Where* where) {
  std::map<std::string, double> endpoints;
  std::map<std::string, double> fields;
  double total = 0;
  for (const SchemaFinding& finding : check.found.findings) {
    if (finding.within) continue;
    const double weight = finding.size() * static_cast<double>(finding.live.trials);
    if (!finding.endpoint.empty()) endpoints[finding.endpoint] += weight;
    fields[finding.field] += weight;
    total += weight;
  }
  if (total <= 0) return;
  const auto add = [&](Kind kind, const std::map<std::string, double>& weights) {
    WhereDimension dimension;
    dimension.kind = kind;
    for (const auto& [name, weight] : weights) {
      dimension.segments.push_back({name, {}, weight / total, 0, 0});
    }
    dimension = ranked(std::move(dimension));
    if (dimension.segments.empty()) return;
    where->dimensions.push_back(std::move(dimension));
  };
  add(Kind::kEndpoint, endpoints);
  add(Kind::kField, fields);
  if (where->dimensions.empty()) return;
  const WhereDimension& first = where->dimensions.front();
  where->conditions.push_back({first.name(), first.segments[0].name});
  where->share = first.segments[0].share;
}

}  // namespace

Result<Where> WhereDesk::where(const ReportQuery& query, const std::string& name) {
  Result<Look> look = look_into(sources_, config_, query, name, {});
  if (!look) return look.error();
  Where where;
  if (const auto* schema = std::get_if<SchemaDetail>(&look->detail.detail)) {
    where_in_schema(schema->check, &where);
  } else {
    where.place = place_of(look->comparison, look->detail.detail);
  }
  if (where.place) {
    const WhereSides sides = sides_of(*look);
    add_rollup_dimensions(*look, sides, &where);
    WhereRowReader reader(sources_.store, *look, sides, *where.place, sources_.rules);
    const Result<WhereRows> read = reader.read();
    if (!read) return read.error();
    for (WhereDimension& dimension : reader.table().dimensions()) {
      dimension.source = read->live.source;
      where.dimensions.push_back(std::move(dimension));
    }
    where.rows = *read;
    if (where.moved > 0) describe(reader.table(), &where);
  }
  where.of = std::move(look->detail);
  where.sentence = sentence_of(where);
  return where;
}

}  // namespace driftguard::report

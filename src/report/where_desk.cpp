// SPDX-License-Identifier: Apache-2.0
#include "report/where_desk.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "report/look.h"
#include "report/where_rows.h"

namespace driftguard::report {
namespace {

using Kind = WhereDimension::Kind;

// A condition by rollups alone must carry so much, and so much more than of the traffic.
constexpr double kCarriedMin = 0.6;
constexpr double kNarrowingMin = 0.15;
// No further raw events are read after so long: hosts of fewer events are better than late ones.
constexpr std::chrono::milliseconds kReadingMax{25};
// The range that carries so much stands for all of them.
constexpr double kLeadingRangeMin = 0.5;

using Tallies = std::vector<std::pair<std::string, Tally>>;

bool has_field(const rollup::Rollup* rollup, const std::string& pointer) {
  return rollup != nullptr && rollup->features.contains(pointer);
}

// The counts of every endpoint; of all together under "" where the baseline does not tell them
// apart.
Tallies tallies_of(const Look& look, const DriftPlace& place) {
  struct Sides {
    const rollup::Rollup* live = nullptr;
    const rollup::Rollup* baseline = nullptr;
    std::uint64_t events() const {
      return (live ? live->events : 0) + (baseline ? baseline->events : 0);
    }
  };
  std::map<std::string, Sides> sides;
  if (look.baseline && look.baseline->endpoints.empty()) {
    sides[""] = {&look.comparison.live(), &look.comparison.baseline()};
  } else {
    for (const auto& [endpoint, rollup] : look.live.endpoints) sides[endpoint].live = rollup.get();
    if (look.baseline) {
      const auto& asked = look.detail.segment.endpoint;
      for (const auto& [endpoint, rollup] : look.baseline->endpoints) {
        if (!asked || *asked == endpoint) sides[endpoint].baseline = rollup.get();
      }
    }
  }
  std::vector<std::pair<std::string, Sides>> busiest(sides.begin(), sides.end());
  std::stable_sort(busiest.begin(), busiest.end(), [](const auto& a, const auto& b) {
    return a.second.events() > b.second.events();
  });
  busiest.resize(std::min(busiest.size(), WhereDesk::kEndpointsMax));
  Tallies tallies;
  for (const auto& [endpoint, both] : busiest) {
    const bool could =
        has_field(both.live, place.pointer) || has_field(both.baseline, place.pointer);
    Tally tally;
    if (both.live != nullptr) tally.live = count_in(*both.live, place, could);
    if (both.baseline != nullptr) tally.baseline = count_in(*both.baseline, place, could);
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
    all.live.successes += tally.live.successes;
    all.live.trials += tally.live.trials;
    all.baseline.successes += tally.baseline.successes;
    all.baseline.trials += tally.baseline.trials;
  }
  const auto share = [](const stats::Proportion& part, double otherwise) {
    return part.trials == 0
               ? otherwise
               : static_cast<double>(part.successes) / static_cast<double>(part.trials);
  };
  return {share(all.live, 0), share(all.baseline, place.allowed.value_or(0))};
}

bool is_hidden(const ingest::FeatureRules& rules, const std::string& service,
               std::string_view pointer) {
  for (; !pointer.empty(); pointer = pointer.substr(0, pointer.rfind('/'))) {
    const FeatureRule* rule = rules.find(service, pointer);
    if (rule != nullptr && (rule->ignore || rule->redact)) return true;
  }
  return false;
}

// What raw events are told apart by: what the question leaves open, and small categories.
std::vector<RowCut> cuts_of(const Look& look, const DriftPlace& place,
                            const ingest::FeatureRules& rules) {
  const window::Segment& segment = look.detail.segment;
  std::vector<RowCut> cuts;
  if (!segment.host) cuts.push_back({Kind::kHost, "", "/host"});
  if (!segment.endpoint) cuts.push_back({Kind::kEndpoint, "", ""});
  for (const FeaturePair& feature : look.comparison.features()) {
    if (cuts.size() == RowTable::kCutsMax) break;
    if (feature.kind != FeatureKind::kCategorical || feature.pointer == place.pointer) continue;
    if (texts_of(feature.live).distinct_estimate() > kSmallCategoryMax) continue;
    if (is_hidden(rules, segment.service, feature.pointer)) continue;
    cuts.push_back({Kind::kFeature, feature.name, feature.pointer});
  }
  return cuts;
}

std::set<std::string, std::less<>> endpoints_with(const Look& look, const std::string& pointer) {
  std::set<std::string, std::less<>> endpoints;
  for (const auto& [endpoint, rollup] : look.live.endpoints) {
    if (has_field(rollup.get(), pointer)) endpoints.insert(endpoint);
  }
  if (!look.baseline) return endpoints;
  for (const auto& [endpoint, rollup] : look.baseline->endpoints) {
    if (has_field(rollup.get(), pointer)) endpoints.insert(endpoint);
  }
  return endpoints;
}

// By the check's own values, and by endpoint.
void add_rollup_dimensions(const Look& look, Where* where) {
  DriftPlace& place = *where->place;
  if (auto values = dimension_of_values(look.comparison, look.detail.detail)) {
    where->dimensions.push_back(std::move(*values));
  }
  const Tallies tallies = tallies_of(look, place);
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
  // Where raw events of the baseline lack, its share is expected of every part.
  if (look.baseline) place.allowed = total.baseline;
}

// Rows of one side, spread over its time: what one stretch leaves of its part the earlier ones get.
class SpreadReader final {
 public:
  SpreadReader(store::Store& store, RecentRowsQuery query, std::uint64_t events,
               std::optional<std::string> host, bool live)
      : store_(store),
        query_(std::move(query)),
        whole_(query_.range),
        events_(events),
        host_(std::move(host)),
        live_(live) {}

  // The stretch `left` from the beginning, 1 the first one. Of one with far more events than are
  // wanted only so much time is read that holds enough of them, if they come evenly: a store may
  // have to look at all there are.
  Result<void> read(int left, RowTable* table) {
    const Microseconds length = (whole_.to - whole_.from) / WhereDesk::kStretches;
    const Time from = left == 1 ? whole_.from : whole_.from + (left - 1) * length;
    const Time to = left == WhereDesk::kStretches ? whole_.to : whole_.from + left * length;
    const std::size_t wanted =
        (WhereDesk::kWhereRowsMax - read_.scanned) / static_cast<std::size_t>(left);
    constexpr double kRoom = 1.5;
    const double share = kRoom * static_cast<double>(wanted) * WhereDesk::kStretches /
                         static_cast<double>(std::max<std::uint64_t>(events_, 1));
    const auto part = Microseconds(
        static_cast<std::int64_t>(static_cast<double>((to - from).count()) * std::min(share, 1.0)));
    const Time middle = share < 1 ? from + part : to;
    Result<std::size_t> found = read({from, middle}, wanted, table);
    if (!found) return found.error();
    if (middle < to && *found < wanted / 4) {  // They do not come evenly.
      found = read({middle, to}, wanted - *found, table);
      if (!found) return found.error();
    } else {
      all_ = all_ && middle == to;
    }
    read_.complete = all_ && left == 1;
    return {};
  }
  const RecentRowsEnd& so_far() const { return read_; }

 private:
  // How many rows there were.
  Result<std::size_t> read(TimeRange range, std::size_t rows_max, RowTable* table) {
    query_.range = range;
    query_.rows_max = rows_max;
    Result<RecentRowsEnd> end = table->read(store_, query_, host_, live_);
    if (!end) return end.error();
    read_.scanned += end->scanned;
    all_ = all_ && end->complete;
    return end->scanned;
  }

  store::Store& store_;
  RecentRowsQuery query_;
  const TimeRange whole_;
  const std::uint64_t events_;  // In it, about.
  const std::optional<std::string> host_;
  const bool live_;
  RecentRowsEnd read_{0, false};
  bool all_ = true;
};

// Raw events of both sides, stretch by stretch, the latest first, until the time for it is over;
// one of each side in any case.
Result<RowTable> read_rows(store::Store& store, const Look& look, const DriftPlace& place,
                           const ingest::FeatureRules& rules, WhereRows* read) {
  RowTable table(place, cuts_of(look, place, rules), endpoints_with(look, place.pointer));
  RecentRowsQuery query;
  query.service = look.detail.segment.service;
  query.endpoint = look.detail.segment.endpoint;
  query.range = look.detail.covers;
  SpreadReader live(store, query, look.detail.samples, look.detail.segment.host, true);
  std::optional<SpreadReader> baseline;
  if (look.baseline && look.baseline->source != baseline::Source::kFile) {
    query.range = look.baseline->range;
    // Events of the window may lie within it, if they came after it was built.
    const Time window = look.detail.covers.from;
    if (query.range.from < window) query.range.to = std::min(query.range.to, window);
    baseline.emplace(store, query, look.comparison.baseline().events, std::nullopt,
                     false);  // All hosts', as in reports by host.
  }
  const auto begun = std::chrono::steady_clock::now();
  for (int left = WhereDesk::kStretches; left > 0; --left) {
    if (auto done = live.read(left, &table); !done) return done.error();
    if (baseline) {
      if (auto done = baseline->read(left, &table); !done) return done.error();
    }
    if (std::chrono::steady_clock::now() - begun > kReadingMax) break;
  }
  table.need_baseline(WhereDesk::kBaselineRowsMin);
  read->live = live.so_far();
  if (baseline) read->baseline = baseline->so_far();
  return table;
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
    add_rollup_dimensions(*look, &where);
    WhereRows read;
    Result<RowTable> table = read_rows(sources_.store, *look, *where.place, sources_.rules, &read);
    if (!table) return table.error();
    for (WhereDimension& dimension : table->dimensions()) {
      where.dimensions.push_back(std::move(dimension));
    }
    where.rows = read;
    if (where.moved > 0) describe(*table, &where);
  }
  where.of = std::move(look->detail);
  where.sentence = sentence_of(where);
  return where;
}

}  // namespace driftguard::report

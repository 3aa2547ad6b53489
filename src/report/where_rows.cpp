// SPDX-License-Identifier: Apache-2.0
#include "report/where_rows.h"

#include <algorithm>
#include <chrono>

namespace driftguard::report {
namespace {

using Kind = WhereDimension::Kind;

// No further raw events are read after so long: hosts of fewer events are better than late ones.
constexpr std::chrono::milliseconds kReadingMax{25};
// Raw events that are fewer than the rollups count by more than this are not all there any more.
constexpr double kEventsThereMin = 0.9;
// Fewer rows of the baseline than this stand for nothing: then every part is expected to hold the
// baseline's share.
constexpr std::size_t kBaselineRowsMin = 50;

bool is_hidden(const ingest::FeatureRules& rules, const std::string& service,
               std::string_view pointer) {
  for (; !pointer.empty(); pointer = pointer.substr(0, pointer.rfind('/'))) {
    const FeatureRule* rule = rules.find(service, pointer);
    if (rule != nullptr && (rule->ignore || rule->redact)) return true;
  }
  return false;
}

bool is_segment(const FeaturePair& feature) {
  return feature.live.rollup != nullptr && feature.live.rollup->segment;
}

// What events are told apart by: what the question leaves open, segments as they were declared, and
// small categories.
std::vector<RowCut> cuts_of(const Look& look, const DriftPlace& place,
                            const ingest::FeatureRules& rules) {
  const window::Segment& segment = look.detail.segment;
  std::vector<RowCut> cuts;
  if (!segment.host && !is_hidden(rules, segment.service, rollup::kHostPointer)) {
    cuts.push_back({Kind::kHost, "", std::string(rollup::kHostPointer)});
  }
  if (!segment.endpoint) cuts.push_back({Kind::kEndpoint, "", ""});
  for (const bool declared : {true, false}) {
    for (const FeaturePair& feature : look.comparison.features()) {
      if (cuts.size() == RowTable::kCutsMax) break;
      if (feature.kind != FeatureKind::kCategorical || feature.pointer == place.pointer) continue;
      if (is_segment(feature) != declared) continue;
      if (!declared && texts_of(feature.live).distinct_estimate() > kSmallCategoryMax) continue;
      if (is_hidden(rules, segment.service, feature.pointer)) continue;
      cuts.push_back({Kind::kFeature, feature.name, feature.pointer});
    }
  }
  return cuts;
}

std::set<std::string, std::less<>> endpoints_with(const WhereSides& sides,
                                                  const std::string& pointer) {
  std::set<std::string, std::less<>> endpoints;
  for (const WhereSide* side : {&sides.live, &sides.baseline}) {
    for (const auto& [endpoint, rollup] : side->endpoints) {
      if (rollup->features.contains(pointer)) endpoints.insert(endpoint);
    }
  }
  return endpoints;
}

}  // namespace

WhereRowReader::WhereRowReader(store::Store& store, const Look& look, const WhereSides& sides,
                               const DriftPlace& place, const ingest::FeatureRules& rules)
    : sides_(sides),
      endpoints_(endpoints_with(sides, place.pointer)),
      table_(place, cuts_of(look, place, rules)) {
  RecentRowsQuery query;
  query.service = look.detail.segment.service;
  query.endpoint = look.detail.segment.endpoint;
  query.range = look.detail.covers;
  live_events_.emplace(store, query, look.detail.samples, look.detail.segment.host, endpoints_,
                       true);
  if (!look.baseline || look.baseline->source == baseline::Source::kFile) return;
  query.range = look.baseline->range;
  // Events of the window may lie within it, if they came after it was built.
  const Time window = look.detail.covers.from;
  if (query.range.from < window) query.range.to = std::min(query.range.to, window);
  baseline_events_.emplace(store, query, look.comparison.baseline().events, std::nullopt,
                           endpoints_, false);  // All hosts', as in reports by host.
}

Result<WhereRows> WhereRowReader::read() {
  WhereRows read;
  const Result<bool> live = take_side(sides_.live, true, &read.live);
  if (!live) return live.error();
  const Result<bool> baseline = take_side(sides_.baseline, false, &read.baseline);
  if (!baseline) return baseline.error();
  if (auto done = read_some(!*live, !*baseline, &read); !done) return done.error();
  if (table_.rows(false) < kBaselineRowsMin) table_.forget(false);
  table_.calibrate(true, counts_of(sides_.live, endpoints_, table_));
  table_.calibrate(false, counts_of(sides_.baseline, endpoints_, table_));
  return read;
}

// Whether what there is of it was taken.
Result<bool> WhereRowReader::take_side(const WhereSide& side, bool live, WhereRead* read) {
  // The baseline's rows need hosts, if the live ones have them: those of before had none.
  const bool hosts_told =
      live || sides_.live.total->hosts.count() == 0 || side.total->hosts.count() > 0;
  const bool sampled = hosts_told && rows_tell(side, table_.place());
  const std::uint64_t events = side.total->events;
  std::optional<EventReader>& raw = events_of(live);
  if (raw && events <= EventReader::kWhereEventsMax) {
    if (auto done = raw->read_all(&table_); !done) return done.error();
    *read = {WhereSource::kEvents, raw->so_far()};
    const auto found = static_cast<double>(table_.rows(live));
    if (!sampled || found >= kEventsThereMin * static_cast<double>(events)) return true;
    table_.forget(live);
  }
  if (!sampled) return false;
  add_sampled_rows(side, live, endpoints_, &table_);
  const std::size_t rows = table_.rows(live);
  *read = {WhereSource::kSample, {rows, rows == events}};
  return true;
}

// Some raw events of the sides that need them, stretch by stretch, the latest first, until the time
// for it is over; one of each side in any case.
Result<void> WhereRowReader::read_some(bool of_live, bool of_baseline, WhereRows* read) {
  const auto begun = std::chrono::steady_clock::now();
  for (int left = EventReader::kStretches; left > 0; --left) {
    for (const bool live : {true, false}) {
      std::optional<EventReader>& raw = events_of(live);
      if (!raw || !(live ? of_live : of_baseline)) continue;
      if (auto done = raw->read_stretch(left, &table_); !done) return done.error();
      (live ? read->live : read->baseline) = {WhereSource::kEvents, raw->so_far()};
    }
    if (std::chrono::steady_clock::now() - begun > kReadingMax) break;
  }
  return {};
}

}  // namespace driftguard::report

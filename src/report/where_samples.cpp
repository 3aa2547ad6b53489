// SPDX-License-Identifier: Apache-2.0
#include "report/where_samples.h"

#include <algorithm>
#include <unordered_map>

namespace driftguard::report {
namespace {

using Kind = WhereDimension::Kind;
using What = DriftPlace::What;
using rollup::ColumnRank;
using rollup::Rollup;
using sketch::RowSample;

// Rows have to stand for so much of the events.
constexpr double kShownMin = 0.9;

std::optional<std::size_t> find_context(sketch::Columns columns, std::string_view pointer) {
  const auto at =
      std::find(columns.begin(), columns.end(), column_of(ColumnRank::kContext, pointer));
  if (at == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns.begin());
}

bool is_context(const DriftPlace& place) {
  return place.what == What::kDuration || place.what == What::kStatus;
}

// The column of the place's values. Nothing: the feature has none, and every row lacks it.
std::optional<std::size_t> column_of_place(sketch::Columns columns, const DriftPlace& place) {
  return is_context(place) ? find_context(columns, place.pointer)
                           : rollup::find_feature(columns, place.pointer);
}

// Whether a rollup's rows tell the place's values.
bool tells(const Rollup& rollup, const DriftPlace& place) {
  if (rollup.rows.rows() == 0) return false;
  const std::vector<sketch::Column> columns = rollup::sampled_columns(rollup);
  if (!is_context(place)) {
    const bool has_column = rollup::find_feature(columns, place.pointer).has_value();
    return has_column || columns.size() < RowSample::kColumnsMax ||
           !rollup.features.contains(place.pointer);
  }
  // Rows of before had no such columns.
  const std::uint64_t values =
      place.what == What::kDuration ? rollup.latency_ms.count() : rollup.with_status();
  if (values == 0) return true;
  const std::size_t column = *find_context(columns, place.pointer);
  for (std::size_t row = 0; row < rollup.rows.rows(); ++row) {
    if (rollup.rows.codes(row)[column] != sketch::kNoCode) return true;
  }
  return false;
}

const sketch::CategoryCounts* names_of(const RowCut& cut, const Rollup& rollup) {
  if (cut.kind == Kind::kHost) return &rollup.hosts;
  const auto at = rollup.features.find(cut.pointer);
  return at == rollup.features.end() ? nullptr : &at->second.texts;
}

// The parts of every cut by the codes of their names.
using Parts = std::vector<std::unordered_map<std::uint32_t, std::uint16_t>>;

Parts parts_by_code(const Rollup& total, RowTable* table) {
  Parts parts(table->cuts().size());
  for (std::size_t cut = 0; cut < parts.size(); ++cut) {
    if (table->cuts()[cut].kind == Kind::kEndpoint) continue;
    const sketch::CategoryCounts* names = names_of(table->cuts()[cut], total);
    if (names == nullptr) continue;
    for (const sketch::Category& category : names->categories()) {
      parts[cut].emplace(sketch::code_of(category.name), table->part(cut, category.name));
    }
  }
  return parts;
}

// Takes one endpoint's rows in.
class EndpointRows final {
 public:
  EndpointRows(const std::string& endpoint, const Rollup& rollup, const Parts& parts,
               RowTable* table)
      : rollup_(rollup), by_code_(parts), codes_(table->place()), table_(*table) {
    const std::vector<sketch::Column> columns = rollup::sampled_columns(rollup);
    value_ = column_of_place(columns, table->place());
    for (std::size_t cut = 0; cut < by_code_.size(); ++cut) {
      const RowCut& one = table->cuts()[cut];
      const bool host = one.kind == Kind::kHost;
      columns_.push_back(host ? find_context(columns, one.pointer)
                              : rollup::find_feature(columns, one.pointer));
      parts_.push_back(one.kind == Kind::kEndpoint ? table->part(cut, endpoint)
                                                   : RowTable::kNoPart);
    }
  }

  // `could`: the events could have the place's feature.
  void add(bool live, int level, bool could) {
    const RowSample& rows = rollup_.rows;
    double kept = 0;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (RowSample::keeps(rows.hash(row), level)) kept += rows.count(row);
    }
    if (kept == 0) return;
    const double weight = static_cast<double>(rollup_.events) / kept;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (!RowSample::keeps(rows.hash(row), level)) continue;
      const std::uint32_t code = value_ ? rows.codes(row)[*value_] : sketch::kNoCode;
      find_parts(rows.codes(row));
      table_.add(live, could ? codes_.of(code) : Standing::kNone, code, weight * rows.count(row),
                 parts_);
    }
  }

 private:
  void find_parts(std::span<const std::uint32_t> codes) {
    for (std::size_t cut = 0; cut < parts_.size(); ++cut) {
      if (table_.cuts()[cut].kind == Kind::kEndpoint) continue;
      parts_[cut] = RowTable::kNoPart;
      if (!columns_[cut]) continue;
      const auto at = by_code_[cut].find(codes[*columns_[cut]]);
      if (at != by_code_[cut].end()) parts_[cut] = at->second;
    }
  }

  const Rollup& rollup_;
  const Parts& by_code_;
  const PlaceCodes codes_;
  RowTable& table_;
  std::optional<std::size_t> value_;
  std::vector<std::optional<std::size_t>> columns_;  // By cut.
  std::vector<std::uint16_t> parts_;                 // Of the row under way.
};

bool could_have(const DriftPlace& place, const std::string& endpoint,
                const std::set<std::string, std::less<>>& endpoints) {
  return place.what != What::kMissing || endpoint.empty() || endpoints.contains(endpoint);
}

}  // namespace

bool rows_tell(const WhereSide& side, const DriftPlace& place) {
  std::uint64_t told = 0;
  for (const auto& [endpoint, rollup] : side.endpoints) {
    if (tells(*rollup, place)) told += rollup->events;
  }
  const auto events = static_cast<double>(side.total->events);
  return events > 0 && static_cast<double>(told) >= kShownMin * events;
}

void add_sampled_rows(const WhereSide& side, bool live,
                      const std::set<std::string, std::less<>>& endpoints, RowTable* table) {
  std::vector<const RowSample*> samples;
  for (const auto& [endpoint, rollup] : side.endpoints) samples.push_back(&rollup->rows);
  const int level = RowSample::common_level(samples, kSampledRowsMax);
  const Parts parts = parts_by_code(*side.total, table);
  for (const auto& [endpoint, rollup] : side.endpoints) {
    if (!tells(*rollup, table->place())) continue;
    EndpointRows(endpoint, *rollup, parts, table)
        .add(live, level, could_have(table->place(), endpoint, endpoints));
  }
}

SideCounts counts_of(const WhereSide& side, const std::set<std::string, std::less<>>& endpoints,
                     const RowTable& table) {
  SideCounts counts;
  counts.events = static_cast<double>(side.total->events);
  counts.parts.resize(table.cuts().size());
  for (const auto& [endpoint, rollup] : side.endpoints) {
    const bool could = could_have(table.place(), endpoint, endpoints);
    const stats::Proportion place = count_in(*rollup, table.place(), could);
    counts.place.successes += place.successes;
    counts.place.trials += place.trials;
  }
  for (std::size_t cut = 0; cut < counts.parts.size(); ++cut) {
    if (table.cuts()[cut].kind == Kind::kEndpoint) {
      for (const auto& [endpoint, rollup] : side.endpoints) {
        counts.parts[cut][endpoint] = static_cast<double>(rollup->events);
      }
      continue;
    }
    const sketch::CategoryCounts* names = names_of(table.cuts()[cut], *side.total);
    if (names == nullptr) continue;
    for (const sketch::Category& category : names->categories()) {
      counts.parts[cut][category.name] = static_cast<double>(category.count);
    }
  }
  return counts;
}

}  // namespace driftguard::report

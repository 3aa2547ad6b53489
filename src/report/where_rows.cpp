// SPDX-License-Identifier: Apache-2.0
#include "report/where_rows.h"

#include <simdjson.h>

#include <algorithm>

#include "report/event_value.h"

namespace driftguard::report {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using What = DriftPlace::What;

// A part is worth a word if it still carries so much of what was left...
constexpr double kCarriedMin = 0.6;
// ...and so much more of it than of the traffic.
constexpr double kNarrowingMin = 0.15;
constexpr std::size_t kConditionsMax = 3;

bool is_number(const element& value) {
  return value.type() == element_type::INT64 || value.type() == element_type::UINT64 ||
         value.type() == element_type::DOUBLE;
}

// What an event is to a place: no value of it, inside, or outside.
struct Standing {
  bool counts = false;
  bool in = false;
  double value = 0;
};

Standing standing_of(const element& event, const DriftPlace& place) {
  element value;
  const bool there = event.at_pointer(place.pointer).get(value) == simdjson::SUCCESS &&
                     value.type() != element_type::NULL_VALUE;
  if (place.what == What::kMissing) return {true, !there, 0};
  if (!there) return {};
  if (place.what == What::kType) {
    const bool scalar = value.type() == element_type::STRING || value.type() == element_type::BOOL;
    return {true, place.numeric ? !is_number(value) : !scalar, 0};
  }
  if (place.what == What::kCategories) {
    const auto name = category_of(value);
    if (!name) return {};
    return {true, place.categories.contains(*name), 0};
  }
  double number = 0;
  if (!is_number(value) || value.get(number) != simdjson::SUCCESS) return {};
  if (place.what == What::kStatus) return {true, number < 200 || number >= 300, number};
  const bool in = std::any_of(place.ranges.begin(), place.ranges.end(),
                              [&](const ValueRange& range) { return range.holds(number); });
  return {true, in, number};
}

}  // namespace

// Takes pages of rows into the table.
class RowTable::Reader final {
 public:
  Reader(RowTable& table, const std::optional<std::string>& host, bool live)
      : table_(table), host_(host), live_(live) {}

  void take(const store::StoredRow& row) {
    element event;
    if (parser_.parse(row.payload).get(event) != simdjson::SUCCESS) return;
    if (table_.place_.what == What::kMissing && !table_.endpoints_.contains(row.endpoint)) return;
    if (host_) {
      std::string_view host;
      if (event.at_key("host").get(host) != simdjson::SUCCESS || host != *host_) return;
    }
    const Standing standing = standing_of(event, table_.place_);
    if (!standing.counts) return;
    Row made{live_, standing.in != table_.place_.outside, standing.value, {}};
    made.parts.reserve(table_.cuts_.size());
    for (std::size_t cut = 0; cut < table_.cuts_.size(); ++cut) {
      made.parts.push_back(part_of(event, row, cut));
    }
    ++(live_ ? table_.live_rows_ : table_.baseline_rows_);
    table_.rows_.push_back(std::move(made));
  }

 private:
  std::uint16_t part_of(const element& event, const store::StoredRow& row, std::size_t cut) {
    if (table_.cuts_[cut].kind == WhereDimension::Kind::kEndpoint) {
      return numbered(cut, row.endpoint);
    }
    element value;
    if (event.at_pointer(table_.cuts_[cut].pointer).get(value) != simdjson::SUCCESS) return kNoPart;
    const auto name = category_of(value);
    return name ? numbered(cut, *name) : kNoPart;
  }

  std::uint16_t numbered(std::size_t cut, std::string_view name) {
    auto& numbers = table_.numbers_[cut];
    if (const auto at = numbers.find(name); at != numbers.end()) return at->second;
    if (numbers.size() >= kPartsMax) return kNoPart;
    const auto number = static_cast<std::uint16_t>(numbers.size());
    numbers.emplace(name, number);
    table_.names_[cut].emplace_back(name);
    return number;
  }

  RowTable& table_;
  const std::optional<std::string>& host_;
  const bool live_;
  simdjson::dom::parser parser_;
};

RowTable::RowTable(DriftPlace place, std::vector<RowCut> cuts,
                   std::set<std::string, std::less<>> endpoints)
    : place_(std::move(place)), cuts_(std::move(cuts)), endpoints_(std::move(endpoints)) {
  numbers_.resize(cuts_.size());
  names_.resize(cuts_.size());
}

Result<RecentRowsEnd> RowTable::read(store::Store& store, const RecentRowsQuery& query,
                                     const std::optional<std::string>& host, bool live) {
  Reader reader(*this, host, live);
  RecentRowsEnd end;
  store::RowQuery rows;
  rows.service = query.service;
  rows.endpoint = query.endpoint;
  rows.range = query.range;
  do {
    if (end.scanned >= query.rows_max) {
      end.complete = false;
      return end;
    }
    rows.rows_max = query.rows_max - end.scanned;
    Result<store::RowPage> page = store.read_rows(rows);
    if (!page) return page.error();
    for (const store::StoredRow& row : page->rows) reader.take(row);
    end.scanned += page->rows.size();
    rows.after = page->next;
  } while (rows.after);
  return end;
}

void RowTable::need_baseline(std::size_t rows_min) {
  if (baseline_rows_ >= rows_min) return;
  std::erase_if(rows_, [](const Row& row) { return !row.live; });
  baseline_rows_ = 0;
}

std::vector<RowTable::Part> RowTable::parts_of(std::size_t cut,
                                               const std::vector<bool>& marked) const {
  std::vector<Part> parts(names_[cut].size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    if (!marked[i] || row.parts[cut] == kNoPart) continue;
    Tally& tally = parts[row.parts[cut]].tally;
    stats::Proportion& side = row.live ? tally.live : tally.baseline;
    ++side.trials;
    if (row.in) ++side.successes;
  }
  const auto n = static_cast<double>(live_rows_);
  for (Part& part : parts) {
    part.live = static_cast<double>(part.tally.live.trials) / n;
    const double expected = baseline_rows_ > 0
                                ? static_cast<double>(part.tally.baseline.successes) / baseline_n()
                                : part.live * place_.allowed.value_or(0);
    part.excess = static_cast<double>(part.tally.live.successes) / n - expected;
  }
  return parts;
}

double RowTable::excess(const std::vector<bool>& marked) const {
  double live = 0;
  double live_in = 0;
  double baseline_in = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!marked[i]) continue;
    live += rows_[i].live ? 1 : 0;
    if (rows_[i].in) ++(rows_[i].live ? live_in : baseline_in);
  }
  const auto n = static_cast<double>(live_rows_);
  const double expected =
      baseline_rows_ > 0 ? baseline_in / baseline_n() : live / n * place_.allowed.value_or(0);
  return live_in / n - expected;
}

std::vector<WhereDimension> RowTable::dimensions() const {
  std::vector<WhereDimension> made;
  if (live_rows_ == 0 || (baseline_rows_ == 0 && !place_.allowed)) return made;
  const std::vector<bool> all(rows_.size(), true);
  for (std::size_t cut = 0; cut < cuts_.size(); ++cut) {
    if (cuts_[cut].kind == WhereDimension::Kind::kEndpoint) continue;  // Rollups tell it exactly.
    std::vector<std::pair<std::string, Tally>> segments;
    const std::vector<Part> parts = parts_of(cut, all);
    for (std::size_t i = 0; i < parts.size(); ++i)
      segments.emplace_back(names_[cut][i], parts[i].tally);
    WhereDimension dimension;
    dimension.kind = cuts_[cut].kind;
    dimension.feature = cuts_[cut].feature;
    dimension.sampled = true;
    dimension.segments = shared_out(segments, place_);
    dimension = ranked(std::move(dimension));
    if (!dimension.segments.empty()) made.push_back(std::move(dimension));
  }
  return made;
}

std::optional<RowTable::Narrowing> RowTable::narrowing(const std::vector<bool>& marked,
                                                       const std::set<std::size_t>& used) const {
  const double before = excess(marked);
  double traffic = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) traffic += marked[i] && rows_[i].live ? 1 : 0;
  traffic /= static_cast<double>(live_rows_);
  if (before <= 0 || traffic <= 0) return std::nullopt;
  std::optional<Narrowing> best;
  double most = kNarrowingMin;
  for (std::size_t cut = 0; cut < cuts_.size(); ++cut) {
    if (used.contains(cut)) continue;
    const std::vector<Part> parts = parts_of(cut, marked);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const double carried = parts[i].excess / before;
      const double narrowed = std::min(carried, 1.0) - parts[i].live / traffic;
      if (carried < kCarriedMin || narrowed <= most) continue;
      most = narrowed;
      best = Narrowing{cut, i};
    }
  }
  return best;
}

RowTable::Common RowTable::common(const std::optional<ValueRange>& within) const {
  Common found;
  if (live_rows_ == 0 || (baseline_rows_ == 0 && !place_.allowed)) return {{}, 0};
  std::vector<bool> marked(rows_.size(), true);
  const double total = excess(marked);
  if (total <= 0) return {{}, 0};
  if (within) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      // Outside the range a row is no part of the drift, but of the traffic it is.
      if (rows_[i].in && !within->holds(rows_[i].value)) marked[i] = false;
    }
    found.share = excess(marked) / total;
  }
  std::set<std::size_t> used;
  while (used.size() < kConditionsMax) {
    const std::optional<Narrowing> best = narrowing(marked, used);
    if (!best) break;
    used.insert(best->cut);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i].parts[best->cut] != best->part) marked[i] = false;
    }
    WhereDimension dimension;
    dimension.kind = cuts_[best->cut].kind;
    dimension.feature = cuts_[best->cut].feature;
    found.conditions.push_back({dimension.name(), names_[best->cut][best->part]});
    found.share = excess(marked) / total;
  }
  return found;
}

}  // namespace driftguard::report

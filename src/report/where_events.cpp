// SPDX-License-Identifier: Apache-2.0
#include "report/where_events.h"

#include <simdjson.h>

#include <algorithm>

#include "report/event_value.h"

namespace driftguard::report {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using What = DriftPlace::What;

// The code of the place's value, as a rollup's rows have it.
std::uint32_t code_at(const element& event, const DriftPlace& place) {
  element value;
  if (event.at_pointer(place.pointer).get(value) != simdjson::SUCCESS) return sketch::kNoCode;
  const element_type type = value.type();
  if (type == element_type::NULL_VALUE) return sketch::kNoCode;
  if (type == element_type::OBJECT || type == element_type::ARRAY) return sketch::kOtherCode;
  const bool number = type != element_type::STRING && type != element_type::BOOL;
  double as_number = 0;
  if (number && place.what != What::kCategories && value.get(as_number) == simdjson::SUCCESS) {
    return sketch::code_of(as_number);
  }
  const auto name = category_of(value);
  return name ? sketch::code_of(*name) : sketch::kNoCode;
}

// Takes rows into the table.
class Taker final {
 public:
  Taker(const std::optional<std::string>& host, const std::set<std::string, std::less<>>& endpoints,
        bool live, RowTable* table)
      : host_(host), endpoints_(endpoints), live_(live), table_(*table), codes_(table->place()) {
    parts_.resize(table->cuts().size());
  }

  void take(const store::StoredRow& row) {
    element event;
    if (parser_.parse(row.payload).get(event) != simdjson::SUCCESS) return;
    if (host_) {
      std::string_view host;
      if (event.at_key("host").get(host) != simdjson::SUCCESS || host != *host_) return;
    }
    const bool could = table_.place().what != What::kMissing || endpoints_.contains(row.endpoint);
    const std::uint32_t code = code_at(event, table_.place());
    for (std::size_t cut = 0; cut < parts_.size(); ++cut) parts_[cut] = part_of(event, row, cut);
    table_.add(live_, could ? codes_.of(code) : Standing::kNone, code, 1, parts_);
  }

 private:
  std::uint16_t part_of(const element& event, const store::StoredRow& row, std::size_t cut) {
    const RowCut& one = table_.cuts()[cut];
    if (one.kind == WhereDimension::Kind::kEndpoint) return table_.part(cut, row.endpoint);
    element value;
    if (event.at_pointer(one.pointer).get(value) != simdjson::SUCCESS) return RowTable::kNoPart;
    const auto name = category_of(value);
    return name ? table_.part(cut, *name) : RowTable::kNoPart;
  }

  const std::optional<std::string>& host_;
  const std::set<std::string, std::less<>>& endpoints_;
  const bool live_;
  RowTable& table_;
  const PlaceCodes codes_;
  std::vector<std::uint16_t> parts_;  // Of the row under way.
  simdjson::dom::parser parser_;
};

}  // namespace

Result<void> EventReader::read_all(RowTable* table) {
  const Result<std::size_t> found = read(whole_, kWhereEventsMax, table);
  if (!found) return found.error();
  read_.complete = all_;
  return {};
}

// Of a stretch with far more events than are wanted only so much time is read that holds enough of
// them, if they come evenly: a store may have to look at all there are.
Result<void> EventReader::read_stretch(int left, RowTable* table) {
  const Microseconds length = (whole_.to - whole_.from) / kStretches;
  const Time from = left == 1 ? whole_.from : whole_.from + (left - 1) * length;
  const Time to = left == kStretches ? whole_.to : whole_.from + left * length;
  const std::size_t wanted = (kWhereEventsMax - read_.scanned) / static_cast<std::size_t>(left);
  constexpr double kRoom = 1.5;
  const double share = kRoom * static_cast<double>(wanted) * kStretches /
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

// How many rows there were.
Result<std::size_t> EventReader::read(TimeRange range, std::size_t rows_max, RowTable* table) {
  Taker taker(host_, endpoints_, live_, table);
  store::RowQuery rows;
  rows.service = query_.service;
  rows.endpoint = query_.endpoint;
  rows.range = range;
  std::size_t found = 0;
  do {
    if (found >= rows_max) {
      all_ = false;
      break;
    }
    rows.rows_max = rows_max - found;
    Result<store::RowPage> page = store_.read_rows(rows);
    if (!page) return page.error();
    for (const store::StoredRow& row : page->rows) taker.take(row);
    found += page->rows.size();
    rows.after = page->next;
  } while (rows.after);
  read_.scanned += found;
  return found;
}

}  // namespace driftguard::report

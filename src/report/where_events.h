// SPDX-License-Identifier: Apache-2.0
// Raw events as rows of one side of a drift.
#pragma once

#include <set>
#include <string>

#include "report/recent_rows.h"
#include "report/row_table.h"

namespace driftguard::report {

// Reads events of one side, spread over its time: of each of kStretches equal stretches the first
// ones, the latest stretch first, kWhereEventsMax in all. What one stretch leaves of its part the
// earlier ones get. Not thread-safe.
class EventReader final {
 public:
  // Reading and parsing them is nearly all that they cost: some 5 us each.
  static constexpr std::size_t kWhereEventsMax = 3000;
  static constexpr int kStretches = 6;

  // `events`: how many there are in the query's range, about. Of `host` alone if it is named.
  // `endpoints`: those whose events could have the feature (of a place of kMissing).
  EventReader(store::Store& store, RecentRowsQuery query, std::uint64_t events,
              std::optional<std::string> host, std::set<std::string, std::less<>> endpoints,
              bool live)
      : store_(store),
        query_(std::move(query)),
        whole_(query_.range),
        events_(events),
        host_(std::move(host)),
        endpoints_(std::move(endpoints)),
        live_(live) {}

  // One stretch; `left` of them, with it, are to be read. Errors are the store's.
  Result<void> read_stretch(int left, RowTable* table);
  // All of it, if it is no more than kWhereEventsMax events.
  Result<void> read_all(RowTable* table);

  const RecentRowsEnd& so_far() const { return read_; }

 private:
  Result<std::size_t> read(TimeRange range, std::size_t rows_max, RowTable* table);

  store::Store& store_;
  RecentRowsQuery query_;
  const TimeRange whole_;
  const std::uint64_t events_;
  const std::optional<std::string> host_;
  const std::set<std::string, std::less<>> endpoints_;
  const bool live_;
  RecentRowsEnd read_{0, false};
  bool all_ = true;
};

}  // namespace driftguard::report

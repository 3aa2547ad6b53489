// SPDX-License-Identifier: Apache-2.0
#include "report/recent_rows.h"

#include <algorithm>

namespace driftguard::report {
namespace {

constexpr Microseconds kFirstChunk = std::chrono::seconds(1);
// Longer than any range; doubling stops here.
constexpr Microseconds kChunkMax = std::chrono::hours(24 * 366 * 300);

// The next chunk's length: twice the last one, but no more than `left` rows at the last one's rate.
Microseconds next_length(Microseconds last, std::size_t rows, std::size_t left) {
  Microseconds length = std::min(2 * last, kChunkMax);
  if (rows == 0) return length;
  const double share = static_cast<double>(left) / static_cast<double>(rows);
  if (share < 2) {
    length = Microseconds(static_cast<std::int64_t>(static_cast<double>(last.count()) * share));
  }
  return std::max(length, Microseconds(1000));
}

}  // namespace

Result<RecentRowsEnd> read_recent_rows(store::Store& store, const RecentRowsQuery& query,
                                       const RecentRowsVisitor& visit) {
  RecentRowsEnd end;
  Time to = query.range.to;
  Microseconds length = kFirstChunk;
  while (query.range.from < to) {
    const Time from = to - query.range.from <= length ? query.range.from : to - length;
    store::RowQuery rows;
    rows.service = query.service;
    rows.endpoint = query.endpoint;
    rows.range = {from, to};
    std::size_t in_chunk = 0;
    bool enough = false;
    do {
      if (end.scanned >= query.rows_max) {
        end.complete = false;
        return end;
      }
      rows.rows_max = std::min<std::size_t>(1000, query.rows_max - end.scanned);
      Result<store::RowPage> page = store.read_rows(rows);
      if (!page) return page.error();
      enough = !visit({page->rows, !rows.after});
      end.scanned += page->rows.size();
      in_chunk += page->rows.size();
      rows.after = page->next;
    } while (rows.after);
    if (enough) return end;
    length = next_length(length, in_chunk, query.rows_max - std::min(query.rows_max, end.scanned));
    to = from;
  }
  return end;
}

}  // namespace driftguard::report

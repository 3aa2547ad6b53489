// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "core/result.h"
#include "store/store.h"

namespace driftguard::report {

struct RecentRowsQuery {
  std::string service;
  std::optional<std::string> endpoint;  // Empty: all of the service's.
  TimeRange range;
  std::size_t rows_max = 20'000;  // Reading ends with the page that passes it.
};

// A page of rows in the order of time. Pages of one chunk of time follow each other in that order;
// each further chunk lies before the last one. Returning false ends the reading with the chunk.
struct RecentRowsPage {
  std::span<const store::StoredRow> rows;
  bool new_chunk = false;
};
using RecentRowsVisitor = std::function<bool(const RecentRowsPage& page)>;

struct RecentRowsEnd {
  std::size_t scanned = 0;
  bool complete = true;  // Everything was read, or the visitor had enough.
};

// Reads raw rows from the end of the range backwards, chunk by chunk, each longer than the last one
// as long as that promises to stay within `rows_max`. Errors are the store's.
Result<RecentRowsEnd> read_recent_rows(store::Store& store, const RecentRowsQuery& query,
                                       const RecentRowsVisitor& visit);

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <queue>

#include "store/store.h"

namespace driftguard::store {

// Gathers one page, the least rows in the order (ts, id), from segments read one after another,
// each in that order. Holds at most rows_max rows and bytes_max bytes and one row, however many
// segments there are: a row that falls behind the page is forgotten at once. Not thread-safe.
class RowPageBuilder final {
 public:
  explicit RowPageBuilder(const RowQuery& query)
      : rows_max_(std::max<std::size_t>(1, query.rows_max)), bytes_max_(query.bytes_max) {}

  // Whether a row at this place would be on the page. After a no, the rest of its segment lies
  // behind the page as well.
  bool wants(RowCursor at);
  // Takes a row that is wanted.
  void add(StoredRow row);
  // The page in order; the builder is spent.
  RowPage finish();

 private:
  struct Later {
    bool operator()(const StoredRow& a, const StoredRow& b) const {
      return std::pair(a.ts, a.id) < std::pair(b.ts, b.id);
    }
  };
  static std::size_t size_of(const StoredRow& row) {
    return row.payload.size() + row.service.size() + row.endpoint.size();
  }
  bool full() const { return rows_.size() >= rows_max_ || (bytes_ > bytes_max_); }
  void drop_last();

  const std::size_t rows_max_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  bool more_ = false;
  std::vector<StoredRow> rows_;  // A heap, the last row of the page at its front.
};

}  // namespace driftguard::store

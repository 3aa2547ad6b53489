// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/row_page.h"

#include <algorithm>
#include <cassert>

namespace driftguard::store {

bool RowPageBuilder::wants(RowCursor at) {
  if (!full() || std::pair(at.ts, at.id) < std::pair(rows_.front().ts, rows_.front().id)) {
    return true;
  }
  more_ = true;
  return false;
}

void RowPageBuilder::add(StoredRow row) {
  bytes_ += size_of(row);
  rows_.push_back(std::move(row));
  std::push_heap(rows_.begin(), rows_.end(), Later{});
  // The page ends at the row that passes bytes_max: what lies behind that row is not needed.
  while (rows_.size() > rows_max_ || bytes_ - size_of(rows_.front()) > bytes_max_) drop_last();
}

void RowPageBuilder::drop_last() {
  assert(rows_.size() > 1);
  std::pop_heap(rows_.begin(), rows_.end(), Later{});
  bytes_ -= size_of(rows_.back());
  rows_.pop_back();
  more_ = true;
}

RowPage RowPageBuilder::finish() {
  RowPage page;
  std::sort_heap(rows_.begin(), rows_.end(), Later{});
  page.rows = std::move(rows_);
  if (more_) page.next = RowCursor{page.rows.back().ts, page.rows.back().id};
  return page;
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sketch/numeric_summary.h"
#include "stats/ks.h"

namespace driftguard::report {

// The cells of two summaries at their common shift, side by side in ascending order.
struct Pooled {
  std::vector<stats::PooledCell> cells;
  std::vector<std::int64_t> keys;
  int shift = 0;

  // The largest value that cell `index` may hold: what counts up to the cell is exact there.
  double upper(std::size_t index) const { return bounds(index).high; }
  // The values that it may hold.
  sketch::CellBounds bounds(std::size_t index) const {
    return sketch::cell_bounds(keys[index], shift);
  }
};

Pooled pool(const sketch::NumericSummary& live, const sketch::NumericSummary& baseline);

}  // namespace driftguard::report

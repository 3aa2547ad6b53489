// SPDX-License-Identifier: Apache-2.0
#include "report/pooled.h"

namespace driftguard::report {

using sketch::NumericSummary;

Pooled pool(const NumericSummary& live, const NumericSummary& baseline) {
  if (live.shift() < baseline.shift()) return pool(live.coarsened(baseline.shift()), baseline);
  if (baseline.shift() < live.shift()) return pool(live, baseline.coarsened(live.shift()));
  Pooled pooled;
  pooled.shift = live.shift();
  pooled.cells.reserve(live.cells().size() + baseline.cells().size());
  pooled.keys.reserve(live.cells().size() + baseline.cells().size());
  const bool exact = pooled.shift == 0;
  auto a = live.cells().begin();
  auto b = baseline.cells().begin();
  while (a != live.cells().end() || b != baseline.cells().end()) {
    const bool take_a =
        b == baseline.cells().end() || (a != live.cells().end() && a->key <= b->key);
    const bool take_b =
        a == live.cells().end() || (b != baseline.cells().end() && b->key <= a->key);
    pooled.keys.push_back(take_a ? a->key : b->key);
    pooled.cells.push_back({take_a ? a->count : 0, take_b ? b->count : 0, exact});
    if (take_a) ++a;
    if (take_b) ++b;
  }
  return pooled;
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace driftguard::stats {

// A distance of shares: its value, and what chance alone gives.
struct ShareDistance {
  double value = 0;     // In [0, 1]; 0 for equal shares, 1 where no category is on both sides.
  double expected = 0;  // About the value without drift, from the sample sizes; at most 1.
};

}  // namespace driftguard::stats

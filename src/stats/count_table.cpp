// SPDX-License-Identifier: Apache-2.0
#include "stats/count_table.h"

#include <fmt/format.h>

namespace driftguard::stats {

Result<CountTable> read_table(std::span<const std::uint64_t> live,
                              std::span<const std::uint64_t> baseline) {
  if (live.size() != baseline.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("misaligned_counts: {} live and {} baseline categories", live.size(),
                             baseline.size())};
  }
  CountTable table;
  for (std::size_t k = 0; k < live.size(); ++k) {
    if (live[k] == 0 && baseline[k] == 0) continue;
    table.live.push_back(static_cast<double>(live[k]));
    table.baseline.push_back(static_cast<double>(baseline[k]));
    table.n += live[k];
    table.m += baseline[k];
  }
  if (table.n == 0 || table.m == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 table.n == 0 ? "empty_sample: live" : "empty_sample: baseline"};
  }
  return table;
}

}  // namespace driftguard::stats

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "sketch/row_sample.h"

namespace driftguard::rollup {

// What the features of one event were together, event by event: sampled on the hot path, so that
// most events of a busy bucket cost nothing. Not thread-safe.
class RowFold final {
 public:
  // Which events are in the sample is decided by `ts` and `salt`, what else is known to tell events
  // of one moment apart.
  void begin(Time ts, std::uint64_t salt);
  void number(std::size_t slot, double value) {
    if (sampled_) add(slot, sketch::code_of(value));
  }
  void text(std::size_t slot, std::string_view value) {
    if (sampled_) add(slot, sketch::code_of(value));
  }
  void end();

  // The sample of the events since the last one; the columns are `slots`, named `names`.
  sketch::RowSample take(const std::vector<std::size_t>& slots,
                         const std::vector<std::string_view>& names);

 private:
  struct Value {
    std::uint32_t slot;
    std::uint32_t code;
  };

  void add(std::size_t slot, std::uint32_t code) {
    values_.push_back({static_cast<std::uint32_t>(slot), code});
  }

  std::uint64_t seen_ = 0;
  int level_ = 0;         // Of seen_.
  bool sampled_ = false;  // The row under way.
  std::vector<std::uint32_t> hashes_;
  std::vector<std::size_t> ends_;  // Where the values of each row end.
  std::vector<Value> values_;      // Of all rows, one after the other.
};

}  // namespace driftguard::rollup

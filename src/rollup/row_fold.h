// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "sketch/row_sample.h"

namespace driftguard::rollup {

// What was together in one event, event by event: sampled on the hot path, so that most events of a
// busy bucket cost nothing. Not thread-safe.
class RowFold final {
 public:
  // Where the values of each slot go: its column, or kNowhere.
  using Places = std::vector<std::size_t>;
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  // The first columns, in the order of sampled_columns(): host, duration, status.
  static constexpr std::ptrdiff_t kContexts = 3;

  // Which events are in the sample is decided by `ts` and `salt`, what else is known to tell events
  // of one moment apart.
  void begin(Time ts, std::uint64_t salt);
  void host(std::string_view name) {
    if (sampled_) contexts_[contexts_.size() - 3] = sketch::code_of(name);
  }
  void duration(double ms) {
    if (sampled_) contexts_[contexts_.size() - 2] = sketch::code_of(ms);
  }
  void status(int status) {
    if (sampled_) contexts_[contexts_.size() - 1] = sketch::code_of(status);
  }
  void number(std::size_t slot, double value) {
    if (sampled_) add(slot, sketch::code_of(value));
  }
  void text(std::size_t slot, std::string_view value) {
    if (sampled_) add(slot, sketch::code_of(value));
  }
  void other(std::size_t slot) {
    if (sampled_) add(slot, sketch::kOtherCode);
  }
  void end();

  // The sample of the events since the last one, under `columns`.
  sketch::RowSample take(sketch::Columns columns, const Places& places);

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
  std::vector<std::uint32_t> contexts_;  // kContexts a row.
  std::vector<std::size_t> ends_;        // Where the values of each row end.
  std::vector<Value> values_;            // Of all rows, one after the other.
};

}  // namespace driftguard::rollup

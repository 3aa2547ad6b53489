// SPDX-License-Identifier: Apache-2.0
// Folding: from single values to a rollup, on the hot path. A fold is reused from batch to batch,
// so that in the steady state it allocates nothing per event.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/hash.h"
#include "rollup/rollup.h"
#include "rollup/row_fold.h"

namespace driftguard::rollup {

// Counts texts; the views must live until take(). Not thread-safe.
class TextFold final {
 public:
  void add(std::string_view text);
  sketch::CategoryCounts take();
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::string_view text;
    std::uint64_t count;
  };
  struct Hash {
    std::size_t operator()(std::string_view text) const { return hash64(text); }
  };
  // Few categories are searched in place, many through an index.
  static constexpr std::size_t kSearchedMax = 12;

  std::vector<Entry> entries_;
  std::array<std::uint32_t, 256> recent_{};  // By hash: the entry that was found last.
  std::unordered_map<std::string_view, std::size_t, Hash> index_;
};

// The values at one place within a batch and bucket. Not thread-safe.
struct FeatureFold {
  std::vector<double> numbers;
  TextFold texts;
  std::uint64_t nulls = 0;
  std::uint64_t others = 0;
  bool segment = false;

  bool empty() const { return numbers.empty() && texts.empty() && nulls == 0 && others == 0; }
};

// The events of one bucket within a batch. Features are addressed by the observer's slots.
// Not thread-safe.
class BucketFold final {
 public:
  // An event begins: what is folded until end_event() was in it. `salt`: see RowFold.
  void begin_event(Time ts, std::uint64_t salt = 0) {
    ++events_;
    rows_.begin(ts, salt);
  }
  void end_event() { rows_.end(); }
  void count_status(int status) {
    ++statuses_[static_cast<std::size_t>(status) / 100 - 1];
    rows_.status(status);
  }
  void count_dropped_feature() { ++features_dropped_; }
  void latency(double ms) {
    latencies_ms_.push_back(ms);
    rows_.duration(ms);
  }
  // The text must live until take().
  void host(std::string_view name) {
    hosts_.add(name);
    rows_.host(name);
  }
  void number(std::size_t slot, double value) {
    feature(slot).numbers.push_back(value);
    rows_.number(slot, value);
  }
  // The text must live until take().
  void text(std::size_t slot, std::string_view value) {
    feature(slot).texts.add(value);
    rows_.text(slot, value);
  }
  void null(std::size_t slot) { ++feature(slot).nulls; }
  void other(std::size_t slot) {
    ++feature(slot).others;
    rows_.other(slot);
  }
  // What is at this slot was declared to tell events apart.
  void declare_segment(std::size_t slot) { feature(slot).segment = true; }

  // The rollup of what was folded; the fold is empty afterwards. `pointers` names the slots.
  Rollup take(const std::vector<std::string>& pointers);

 private:
  FeatureFold& feature(std::size_t slot) {
    if (slot >= features_.size()) features_.resize(slot + 1);
    return features_[slot];
  }
  sketch::RowSample take_rows(const std::vector<std::string>& pointers,
                              const std::vector<std::size_t>& slots, const Rollup& rollup);

  std::uint64_t events_ = 0;
  std::array<std::uint64_t, 5> statuses_{};
  std::uint64_t features_dropped_ = 0;
  std::vector<double> latencies_ms_;
  TextFold hosts_;
  std::vector<FeatureFold> features_;
  RowFold rows_;
};

}  // namespace driftguard::rollup

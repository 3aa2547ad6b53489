// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "ingest/feature_rules.h"
#include "store/store.h"
#include "window/rollup_tree.h"
#include "window/window.h"

namespace driftguard::window {

struct WindowReaderOptions {
  // Raw events a window by host may read.
  std::size_t host_rows_max = 200'000;
};

// Reads windows out of a store. Thread-safe; store, rules and tree must outlive it.
class WindowReader final {
 public:
  // `tree` caches sums of an exclusive store; null for others, whose sums are read each time.
  WindowReader(store::Store& store, const ingest::FeatureRules& rules, RollupTree* tree,
               WindowReaderOptions options)
      : store_(store), rules_(rules), tree_(tree), options_(options) {}

  // The window of the least whole buckets that cover `range`. A window by host reads raw events,
  // up to a limit (kTooLarge beyond it).
  Result<Window> read(const Segment& segment, TimeRange range);

  // The same without features and rows, which are most of what there is to add up: for long
  // stretches of which statuses and durations alone are asked. Read from the store each time, the
  // tree keeps nothing of it. Not by host.
  Result<Window> read_outcomes(const Segment& segment, TimeRange range);

  // A number that grows when something within `range` changes in the store (RollupTree::changes);
  // empty where others may write.
  std::optional<std::uint64_t> changes(TimeRange range) const;

 private:
  Result<Window> add_up(const Segment& segment, TimeRange range, bool outcomes_only);
  Result<Window> read_host(const Segment& segment, TimeRange range);

  store::Store& store_;
  const ingest::FeatureRules& rules_;
  RollupTree* const tree_;
  const WindowReaderOptions options_;
};

}  // namespace driftguard::window

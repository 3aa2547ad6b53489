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

 private:
  Result<Window> read_rollups(const Segment& segment, TimeRange range);
  Result<Window> read_host(const Segment& segment, TimeRange range);

  store::Store& store_;
  const ingest::FeatureRules& rules_;
  RollupTree* const tree_;
  const WindowReaderOptions options_;
};

}  // namespace driftguard::window

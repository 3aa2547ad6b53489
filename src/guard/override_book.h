// SPDX-License-Identifier: Apache-2.0
// The overrides of all services: kept in the store for all nodes, with those that are over.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "guard/override.h"
#include "store/store.h"

namespace driftguard::guard {

using Overrides = std::vector<Override>;  // The latest first.
using OverridesPtr = std::shared_ptr<const Overrides>;

// Thread-safe; what it refers to must outlive it.
class OverrideBook final {
 public:
  static constexpr std::size_t kHoldingMax = 200;  // At a time, of all services.
  static constexpr std::size_t kKeptMax = 1'000;   // With those that are over: the latest.

  OverrideBook(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // As they were when they were read last, which add(), end() and refresh() do. Never null; takes
  // no time.
  OverridesPtr known() const;
  // Reads what other nodes changed: one small document, unless they did.
  Result<void> refresh();

  // kInvalidArgument: the order does not fit. kTooLarge: kHoldingMax of them hold.
  Result<Override> add(const OverrideOrder& order);
  // Before its time. kNotFound: there is none of that id. kConflict: it is over.
  Result<Override> end(std::int64_t id, const std::string& by, const std::string& because);

 private:
  // Of one change: what to write, and what to drop.
  struct Change {
    Override written;
    std::vector<std::int64_t> dropped;
  };
  template <typename Edit>
  Result<Override> change(const Edit& edit);
  Result<void> read(const std::string& mark);

  store::Store& store_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // Guards all below.
  std::string mark_;          // What the store's mark was when they were read.
  OverridesPtr known_ = std::make_shared<const Overrides>();
};

}  // namespace driftguard::guard

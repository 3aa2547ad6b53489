// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/clock.h"
#include "store/store.h"

namespace driftguard::alert {

// Work that one node of several does. Held for `term`, to be renewed well before; a holder that is
// gone is followed when its term is over. Clocks of the nodes have to agree to a few seconds.
// Not thread-safe; the store must outlive it.
class Lease final {
 public:
  Lease(store::Store& store, const Clock& clock, std::string name, std::chrono::seconds term);

  // Whether it is ours now: takes it if it is free, renews it when half of its term is over. On a
  // store of one process it always is.
  Result<bool> hold();
  // What a write that rests on holding it has to expect of the store; empty on a store of one
  // process.
  std::vector<store::DocumentExpectation> proof() const;
  // Gives it back, if it is ours, so that another need not wait.
  void release();

 private:
  store::Store& store_;
  const Clock& clock_;
  const std::string key_;
  const std::string holder_;
  const std::chrono::seconds term_;
  std::string stored_;  // What the store holds while it is ours.
  std::string tried_;   // What it may hold, too: whether it took that is not known.
  Time until_{};
};

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/time.h"
#include "store/store.h"

namespace driftguard::baseline {

// One time that a version became the active one.
struct Activation {
  int version = 0;
  std::optional<Time> at;    // Empty: before activations were recorded.
  bool rolled_back = false;  // By leaving the one before it in this list.
};

// The version to return to after these activations, the earliest first: what was active before the
// active one was chosen, not counting what was rolled back; 0 if there is none. Pure.
int version_before(const std::vector<Activation>& log);

// Which version of each service is active, and which were before; in the store, for all nodes.
// Thread-safe; what it refers to must outlive it.
class Activations final {
 public:
  static constexpr std::size_t kLoggedMax = 200;  // Of a service, the latest.

  Activations(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  Result<int> active(const std::string& service);  // 0: none.
  Result<std::vector<Activation>> log(const std::string& service);

  // Changes nothing if the version is the active one already. That there is one is not checked.
  Result<void> activate(const std::string& service, int version);
  // Gives the version that is active now. kNotFound: none was before.
  Result<int> roll_back(const std::string& service);

 private:
  using Choose = std::function<Result<Activation>(int active, const std::vector<Activation>& log)>;
  Result<int> change(const std::string& service, const Choose& choose);

  store::Store& store_;
  const Clock& clock_;
};

}  // namespace driftguard::baseline

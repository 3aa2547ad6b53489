// SPDX-License-Identifier: Apache-2.0
#include "window/window.h"

namespace driftguard::window {

rollup::Rollup Window::total() const {
  if (endpoints.size() == 1) return *endpoints.begin()->second;
  rollup::RollupSum sum;
  for (const auto& [endpoint, rollup] : endpoints) sum.add(*rollup);
  return sum.take();
}

}  // namespace driftguard::window

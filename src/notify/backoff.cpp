// SPDX-License-Identifier: Apache-2.0
#include "notify/backoff.h"

#include <algorithm>
#include <cassert>

namespace driftguard::notify {

std::chrono::milliseconds Backoff::after(int failures) {
  assert(failures > 0);
  constexpr int kDoublingsMax = 20;
  const std::chrono::milliseconds doubled =
      std::chrono::seconds(1) * (1 << std::min(failures - 1, kDoublingsMax));
  const double most = static_cast<double>(std::min(doubled, most_).count());
  std::uniform_real_distribution<double> share(0.5, 1.0);
  return std::chrono::milliseconds(static_cast<std::int64_t>(most * share(random_)));
}

}  // namespace driftguard::notify

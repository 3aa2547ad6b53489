// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace driftguard::notify {

// Waits between tries: 1 s, 2 s, 4 s, ... up to `most`, each cut by up to a half at random, so that
// those who failed together do not come back together. Not thread-safe.
class Backoff final {
 public:
  Backoff(std::chrono::seconds most, std::uint64_t seed) : most_(most), random_(seed) {}

  // After so many failures in a row, from 1.
  std::chrono::milliseconds after(int failures);

 private:
  const std::chrono::milliseconds most_;
  std::mt19937_64 random_;
};

}  // namespace driftguard::notify

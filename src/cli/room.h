// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace driftguard::cli {

// Counts what is under way, up to a limit. Thread-safe.
class Room final {
 public:
  explicit Room(std::size_t limit) : limit_(limit) {}

  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return used_ < limit_; });
  }
  void wait_until_empty() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return used_ == 0; });
  }
  void enter() {
    const std::lock_guard lock(mutex_);
    ++used_;
  }
  // Notifies under the lock: who waits may destroy the room right after.
  void leave() {
    const std::lock_guard lock(mutex_);
    assert(used_ > 0);
    --used_;
    changed_.notify_all();
  }

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t used_ = 0;  // Guarded by mutex_.
};

}  // namespace driftguard::cli

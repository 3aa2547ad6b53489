// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace driftguard::store {

// Calls a function again and again on a thread of its own, `interval` apart, the first time at
// once. The end sets `stop`, which the function gets, and waits for the call under way.
class Chore final {
 public:
  Chore(std::chrono::milliseconds interval, std::function<void(std::atomic<bool>& stop)> call);
  ~Chore();
  Chore(const Chore&) = delete;

 private:
  void work();

  const std::chrono::milliseconds interval_;
  const std::function<void(std::atomic<bool>&)> call_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace driftguard::store

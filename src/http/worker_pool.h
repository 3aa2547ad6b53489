// SPDX-License-Identifier: Apache-2.0
// A few threads for handlers that compute or wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace driftguard::http {

// Runs jobs in the order they came. Jobs must not throw. Thread-safe.
class WorkerPool final {
 public:
  using Job = std::function<void()>;

  WorkerPool(std::size_t threads, std::size_t queue_max);
  // Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: `queue_max` jobs wait already; nothing was done.
  [[nodiscard]] bool try_run(Job job);

 private:
  void work();

  const std::size_t queue_max_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> queue_;  // Protected by mutex_.
  bool ending_ = false;    // Protected by mutex_.

  std::vector<std::jthread> threads_;  // Last: they use all of the above.
};

}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
#include "store/chore.h"

#include <utility>

namespace driftguard::store {

Chore::Chore(std::chrono::milliseconds interval, std::function<void(std::atomic<bool>&)> call)
    : interval_(interval), call_(std::move(call)) {
  thread_ = std::thread([this] { work(); });
}

Chore::~Chore() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Chore::work() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    call_(stop_);
    lock.lock();
  } while (!wake_.wait_for(lock, interval_, [this] { return stop_.load(); }));
}

}  // namespace driftguard::store

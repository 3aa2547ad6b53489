// SPDX-License-Identifier: Apache-2.0
#include "store/housekeeper.h"

#include <utility>

namespace driftguard::store {

Housekeeper::Housekeeper(Store& store, const Clock& clock, HousekeeperOptions options,
                         std::function<void(const Error&)> report)
    : store_(store), clock_(clock), options_(options), report_(std::move(report)) {
  thread_ = std::thread([this] { work(); });
}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Housekeeper::work() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, options_.interval, [this] { return stopping_; })) {
    lock.unlock();
    do_chores();
    lock.lock();
  }
}

void Housekeeper::do_chores() {
  constexpr std::size_t kAnswersAtOnce = 10'000;
  const Time now = clock_.now();
  if (auto dropped = store_.drop_expired_answers(now, kAnswersAtOnce); !dropped) {
    report_(dropped.error());
  }
  if (auto merged = store_.compact(now - options_.settled_after); !merged) report_(merged.error());
}

}  // namespace driftguard::store

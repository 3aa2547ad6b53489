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
  bool stop = stopping();
  while (!stop) {
    do_chores();
    std::unique_lock lock(mutex_);
    stop = wake_.wait_for(lock, options_.interval, [this] { return stopping_; });
  }
}

bool Housekeeper::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Housekeeper::do_chores() {
  constexpr std::size_t kAnswersAtOnce = 10'000;
  const Time now = clock_.now();
  if (auto dropped = store_.drop_expired_answers(now, kAnswersAtOnce); !dropped) {
    report_(dropped.error());
  }
  const Time settled = now - options_.settled_after;
  if (auto merged = store_.compact(settled); !merged) report_(merged.error());
  make_sums(settled);
}

void Housekeeper::make_sums(Time before) {
  constexpr std::size_t kSumsAtOnce = 100;
  const auto until = std::chrono::steady_clock::now() + options_.sums_budget;
  while (!stopping() && std::chrono::steady_clock::now() < until) {
    const auto tried = store_.make_sums(before, kSumsAtOnce);
    if (!tried) return report_(tried.error());
    if (*tried < kSumsAtOnce) return;
  }
}

}  // namespace driftguard::store

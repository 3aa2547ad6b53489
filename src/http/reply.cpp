// SPDX-License-Identifier: Apache-2.0
#include "http/reply.h"

#include <atomic>
#include <cassert>
#include <utility>

#include "http/problem.h"

namespace driftguard::http {
namespace {

// Lives as long as any copy of the Respond.
class Promise final {
 public:
  explicit Promise(std::shared_ptr<Reply> reply) : reply_(std::move(reply)) {}
  ~Promise() {
    if (!kept_) reply_->answer(problem(500, "The handler gave no answer."));
  }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;

  void keep(Response response) {
    kept_ = true;
    reply_->answer(std::move(response));
  }

 private:
  std::shared_ptr<Reply> reply_;
  std::atomic<bool> kept_ = false;
};

}  // namespace

Respond Reply::respond_to(std::shared_ptr<Reply> reply) {
  return [promise = std::make_shared<Promise>(std::move(reply))](Response response) {
    promise->keep(std::move(response));
  };
}

std::function<void()> Reply::become_ready() {
  ready_ = true;
  return std::exchange(wake_, nullptr);
}

void Reply::answer(Response response) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (ready_) return;
    response_ = std::move(response);
    wake = become_ready();
  }
  if (wake) wake();
}

std::optional<Response> Reply::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(response_, std::nullopt);
}

void Reply::when_ready(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    assert(!wake_);
    if (!ready_) {
      wake_ = std::move(wake);
      return;
    }
  }
  wake();
}

bool Reply::abandoned() {
  const std::lock_guard lock(mutex_);
  return abandoned_;
}

void Reply::abandon() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    wake = become_ready();
  }
  if (wake) wake();
}

}  // namespace driftguard::http

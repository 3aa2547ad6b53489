// SPDX-License-Identifier: Apache-2.0
// Where a handler's answer and the waiting session meet.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "http/message.h"

namespace driftguard::http {

// Holds one answer until the session takes it. The first answer counts. After abandon() the session
// is gone and answers are dropped, so a Respond may outlive the server. Thread-safe.
class Reply final {
 public:
  // The function given to the handler. When its last copy goes uncalled, the answer is a 500.
  static Respond respond_to(std::shared_ptr<Reply> reply);

  void answer(Response response);

  // The answer, if it is there.
  std::optional<Response> take();

  // Calls `wake` once there is an answer or abandon() is called: here and now if so already, else
  // on the thread that does it. At most one waiter.
  void when_ready(std::function<void()> wake);

  // Ends the waiting without an answer.
  void abandon();
  bool abandoned();

 private:
  std::function<void()> become_ready();  // Requires mutex_; the waiter to call after unlocking.

  std::mutex mutex_;
  bool ready_ = false;  // Protected by mutex_, as the rest.
  bool abandoned_ = false;
  std::optional<Response> response_;
  std::function<void()> wake_;
};

}  // namespace driftguard::http

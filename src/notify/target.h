// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "notify/message.h"

namespace driftguard::notify {

// What came of a try.
struct Outcome {
  // kRetry: not now, maybe later. kRefused: the same message would be refused again.
  enum class Kind { kDelivered, kRetry, kRefused };
  Kind kind = Kind::kDelivered;
  std::string detail;  // What came back, in a sentence without secrets.
  std::optional<std::chrono::seconds> retry_after;
};

// How a receiver likes to be told.
struct Habits {
  std::chrono::seconds group_wait{30};    // From the opening of an incident.
  std::chrono::seconds repeat{4 * 3600};  // Reminders; zero: none.
  std::chrono::seconds interval_min{30};  // Between messages about one service.
  std::chrono::seconds spacing{0};        // Between any two messages.
  // It is kept up to date, rather than reminded: whether somebody acknowledged or not, and each
  // time is not worth a line in the incident's log.
  bool refreshed = false;
};

// A receiver of messages. One thread at a time.
class Target {
 public:
  virtual ~Target() = default;
  virtual const std::string& name() const = 0;
  virtual const Habits& habits() const = 0;
  // Blocks until the receiver has answered or its time is over; ends soon once `stop` is true.
  virtual Outcome send(const Message& message, const std::atomic<bool>& stop) = 0;
};

}  // namespace driftguard::notify

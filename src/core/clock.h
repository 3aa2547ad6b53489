// SPDX-License-Identifier: Apache-2.0
// Clocks are passed in through constructors; nothing else in the tree asks the machine for the
// time of day. Both clocks may be read from any thread.
#pragma once

#include <atomic>

#include "core/time.h"

namespace driftguard {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::floor<Microseconds>(std::chrono::system_clock::now());
  }
};

// A clock that stands still until it is told to move: for tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : us_(us_since_epoch(start)) {}
  Time now() const override { return time_from_us(us_.load()); }
  void set(Time t) { us_.store(us_since_epoch(t)); }
  void advance(Microseconds step) { us_.fetch_add(step.count()); }

 private:
  std::atomic<std::int64_t> us_;
};

}  // namespace driftguard

// SPDX-License-Identifier: Apache-2.0
// The body bytes that all connections together may hold.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace driftguard::http {

// Bytes out of `bytes_max`, counted in a figure that others read. Thread-safe.
class BodyBudget final {
 public:
  BodyBudget(std::size_t bytes_max, std::atomic<std::int64_t>& used)
      : bytes_max_(static_cast<std::int64_t>(bytes_max)), used_(used) {}

  bool take(std::size_t bytes) {
    const auto wanted = static_cast<std::int64_t>(bytes);
    if (used_.fetch_add(wanted, std::memory_order_relaxed) + wanted <= bytes_max_) return true;
    used_.fetch_sub(wanted, std::memory_order_relaxed);
    return false;
  }
  void give_back(std::size_t bytes) {
    used_.fetch_sub(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  }

 private:
  const std::int64_t bytes_max_;
  std::atomic<std::int64_t>& used_;
};

// One request's share, given back at its end. Not thread-safe.
class BodyCharge final {
 public:
  explicit BodyCharge(BodyBudget& budget) : budget_(budget) {}
  ~BodyCharge() { release(); }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;

  // Raises the share to `bytes`; false: the budget is used up and the share stays as it was.
  bool raise_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_.take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

  void release() { budget_.give_back(std::exchange(bytes_, 0)); }

 private:
  BodyBudget& budget_;
  std::size_t bytes_ = 0;
};

}  // namespace driftguard::http

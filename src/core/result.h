// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace driftguard {

// What kind of thing went wrong. Callers switch over the kind; `detail` is for people.
enum class ErrorCode {
  kInvalidArgument,  // The input breaks a rule; the same input will break it again.
  kNotFound,         // The named thing does not exist.
  kConflict,         // The thing exists already, or somebody else holds it.
  kTooLarge,         // A stated limit would be exceeded.
  kOverloaded,       // A bounded queue is full; nothing was done, try again soon.
  kUnavailable,      // The store is away; nothing was done, or it is not known (the detail says).
  kCorrupt,          // Stored bytes do not decode; nobody should write on top of them.
  kInternal,         // Our own mistake, or a failure of the machine.
};

// An error value: the world's failures, not our own mistakes (those are assertions).
struct Error {
  ErrorCode code;
  std::string detail;  // One sentence that names place and reason.
};

// Either a value or an Error, shaped like std::expected, which C++20 lacks.
// Not thread-safe; a moved-from Result may only be destroyed or assigned.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return assert(has_value()), std::get<0>(state_); }
  const T& value() const& { return assert(has_value()), std::get<0>(state_); }
  T&& value() && { return assert(has_value()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return assert(!has_value()), std::get<1>(state_); }
  Error&& error() && { return assert(!has_value()), std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : error_(std::move(error)), failed_(true) {}

  bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& { return assert(failed_), error_; }
  Error&& error() && { return assert(failed_), std::move(error_); }

 private:
  Error error_{ErrorCode::kInternal, {}};
  bool failed_ = false;
};

}  // namespace driftguard

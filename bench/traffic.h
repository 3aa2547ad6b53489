// SPDX-License-Identifier: Apache-2.0
// The events that every measurement uses: payments of the seed's shape, about 225 bytes of JSON
// each, the same for the same seed. Amounts and durations are lognormal, three currencies, fifty
// hosts, two failures in a thousand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.h"

namespace driftguard::bench {

struct Payment {
  std::string host;
  std::int64_t amount_cents = 0;
  std::string_view currency;  // Of static text.
  int status = 200;
  int duration_ms = 0;
};

inline constexpr std::string_view kService = "payments_api";
inline constexpr std::string_view kEndpoint = "POST /v2/payments";

// An endless sequence of payments. Not thread-safe.
class Traffic final {
 public:
  explicit Traffic(std::uint64_t seed) : state_(seed) {}

  Payment next();

 private:
  std::uint64_t bits();
  double uniform();  // From 0, included, to 1, not included.
  double normal();

  std::uint64_t state_;
};

// The time of an event is always this long ("2025-01-01T00:00:00.000Z"), and stands this far
// behind the event's first byte: a prepared event gets another time by writing over it.
inline constexpr std::size_t kTimeLength = 24;
inline constexpr std::size_t kTimeOffset = 8;

// Appends the payment as the seed's clients write it, with a space behind each ',' and ':'.
void append_json(std::string& out, const Payment& payment, Time ts);

// Writes times, in whole milliseconds. Times of one second after another cost a few
// nanoseconds each. Not thread-safe.
class TimeWriter final {
 public:
  // Writes kTimeLength bytes to `out`.
  void write(char* out, Time ts);

 private:
  std::int64_t second_ = -1;
  char text_[kTimeLength + 1] = {};
};

}  // namespace driftguard::bench

// SPDX-License-Identifier: Apache-2.0
// The events that every measurement uses: payments of the seed's shape, about 225 bytes of JSON
// each, the same for the same options. Amounts and durations are lognormal, three currencies, fifty
// hosts, two failures in a thousand. Wide traffic has more services, endpoints and features.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace driftguard::load {

inline constexpr std::string_view kService = "payments_api";
inline constexpr std::string_view kEndpoint = "POST /v2/payments";
inline constexpr int kFeaturesMin = 4;  // Amount, currency, status and duration.

struct TrafficOptions {
  std::uint64_t seed = 1;
  int services = 1;             // 1: kService; else "service-0", "service-1", ..., in turn.
  int endpoints = 1;            // Of each service; 1: kEndpoint; else "POST /v2/payments/0", ...
  int features = kFeaturesMin;  // Beyond them, "f5" is a number, "f6" a text of twenty, and so on.
};

struct Payment {
  std::string host;
  std::int64_t amount_cents = 0;
  std::string_view currency;  // Of static text.
  int status = 200;
  int duration_ms = 0;
  std::string_view service = kService;  // Of static text, or of the Traffic; so is the endpoint.
  std::string_view endpoint = kEndpoint;
  std::vector<std::int64_t> others;  // Features beyond the fourth: hundredths, or a text's number.
};

// An endless sequence of payments. Not thread-safe.
class Traffic final {
 public:
  explicit Traffic(const TrafficOptions& options);

  Payment next();

 private:
  std::uint64_t bits();
  double uniform();  // From 0, included, to 1, not included.
  double normal();
  std::int64_t next_amount_cents();

  std::uint64_t state_;
  const int others_;
  std::vector<std::string> services_;   // Empty: kService.
  std::vector<std::string> endpoints_;  // Empty: kEndpoint.
  std::uint64_t number_ = 0;
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

}  // namespace driftguard::load

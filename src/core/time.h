// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace driftguard {

// A moment in UTC, in whole microseconds since 1970-01-01T00:00:00Z; what the store keeps.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Microseconds = std::chrono::microseconds;

// A half-open interval of time, [from, to).
struct TimeRange {
  Time from;
  Time to;
  bool contains(Time t) const { return from <= t && t < to; }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

// Reads RFC 3339 with an offset ("2025-01-01T00:00:00.123456789+02:00"; `T` and `Z` in either
// case, years 0001 to 9999). Digits beyond microseconds are cut. A leap second (":60") counts as
// the first moment of the next minute. kInvalidArgument says what is wrong with `text`.
Result<Time> parse_rfc3339(std::string_view text);

// Reads two of them with a '/' between, the first before the second (ISO 8601's interval).
Result<TimeRange> parse_interval(std::string_view text);
// Any number of those, comma-separated.
Result<std::vector<TimeRange>> parse_intervals(std::string_view text);

// "2025-01-01T00:00:00.000Z": milliseconds by default, microseconds when they are not zero.
std::string format_rfc3339(Time t);

// The years 0001 and 10000 begin: every time that RFC 3339 can write lies between.
inline constexpr Time kEarliest{Microseconds{-62'135'596'800'000'000}};
inline constexpr Time kLatest{Microseconds{253'402'300'800'000'000}};

inline Time time_from_us(std::int64_t us) { return Time{Microseconds{us}}; }
inline std::int64_t us_since_epoch(Time t) { return t.time_since_epoch().count(); }

}  // namespace driftguard

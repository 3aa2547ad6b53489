// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace driftguard {
namespace {

Error bad_time(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 40;
  return {ErrorCode::kInvalidArgument, fmt::format("not an RFC 3339 time with offset ({}): \"{}\"",
                                                   why, text.substr(0, kShown))};
}

// Reads fixed-width digits off the front of a text.
class DigitReader {
 public:
  explicit DigitReader(std::string_view text) : rest_(text) {}

  bool number(int width, int* out) {
    if (rest_.size() < static_cast<std::size_t>(width)) return false;
    int value = 0;
    for (int i = 0; i < width; ++i) {
      const unsigned digit = static_cast<unsigned char>(rest_[i]) - '0';
      if (digit > 9) return false;
      value = value * 10 + static_cast<int>(digit);
    }
    rest_.remove_prefix(width);
    *out = value;
    return true;
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool letter(char upper) { return literal(upper) || literal(static_cast<char>(upper + 32)); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

bool read_fraction(DigitReader& in, std::int64_t* micros) {
  std::int64_t value = 0;
  int digits = 0;
  for (int digit = 0; in.number(1, &digit);) {
    if (digits < 6) value = value * 10 + digit;
    ++digits;
  }
  for (int i = digits; i < 6; ++i) value *= 10;
  *micros = value;
  return digits > 0;
}

bool read_offset(DigitReader& in, std::chrono::minutes* offset) {
  if (in.letter('Z')) {
    *offset = std::chrono::minutes{0};
    return true;
  }
  const bool minus = in.literal('-');
  if (!minus && !in.literal('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!in.number(2, &hours) || !in.literal(':') || !in.number(2, &minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  *offset = std::chrono::minutes{(minus ? -1 : 1) * (hours * 60 + minutes)};
  return true;
}

}  // namespace

Result<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar arithmetic.
  DigitReader in(text);
  int year_n = 0, month_n = 0, day_n = 0, hour_n = 0, minute_n = 0, second_n = 0;
  if (!in.number(4, &year_n) || !in.literal('-') || !in.number(2, &month_n) || !in.literal('-') ||
      !in.number(2, &day_n)) {
    return bad_time(text, "no date");
  }
  if (!in.letter('T') || !in.number(2, &hour_n) || !in.literal(':') || !in.number(2, &minute_n) ||
      !in.literal(':') || !in.number(2, &second_n)) {
    return bad_time(text, "no time of day");
  }
  std::int64_t micros_n = 0;
  if (in.literal('.') && !read_fraction(in, &micros_n)) return bad_time(text, "empty fraction");
  minutes offset{};
  if (!read_offset(in, &offset)) return bad_time(text, "no offset");
  if (!in.rest().empty()) return bad_time(text, "text after the offset");

  const year_month_day date{year{year_n}, month{static_cast<unsigned>(month_n)},
                            day{static_cast<unsigned>(day_n)}};
  if (!date.ok() || year_n == 0) return bad_time(text, "no such day");
  if (hour_n > 23 || minute_n > 59 || second_n > 60) return bad_time(text, "no such time of day");
  const bool leap_second = second_n == 60;
  if (leap_second && minute_n != 59 && offset.count() % 60 == 0) {
    return bad_time(text, "no such leap second");
  }
  return Time{sys_days{date}} + hours{hour_n} + minutes{minute_n} + seconds{second_n} +
         microseconds{leap_second ? 0 : micros_n} - offset;
}

Result<TimeRange> parse_interval(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not FROM/TO", text)};
  }
  Result<Time> from = parse_rfc3339(text.substr(0, slash));
  if (!from) return from.error();
  Result<Time> to = parse_rfc3339(text.substr(slash + 1));
  if (!to) return to.error();
  if (*from >= *to) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" does not end after it begins", text)};
  }
  return TimeRange{*from, *to};
}

Result<std::vector<TimeRange>> parse_intervals(std::string_view text) {
  std::vector<TimeRange> ranges;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    Result<TimeRange> range = parse_interval(text.substr(0, comma));
    if (!range) return range.error();
    ranges.push_back(*range);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return ranges;
}

std::string format_rfc3339(Time t) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar arithmetic.
  const auto day_start = floor<days>(t);
  const year_month_day date{day_start};
  const hh_mm_ss clock{t - day_start};
  const auto micros = clock.subseconds().count();
  const std::string head =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (micros % 1000 == 0) return fmt::format("{}.{:03}Z", head, micros / 1000);
  return fmt::format("{}.{:06}Z", head, micros);
}

}  // namespace driftguard

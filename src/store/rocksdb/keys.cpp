// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/keys.h"

#include <bit>
#include <cassert>
#include <cstring>

#include "store/sums.h"

namespace driftguard::store {
namespace {

static_assert(std::endian::native == std::endian::little, "append_id swaps bytes");
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;
constexpr std::string_view kWidthDigits = "12";  // Of kSumWidths.
static_assert(kWidthDigits.size() == kSumWidths.size());

char width_digit(std::chrono::seconds width) {
  for (std::size_t i = 0; i < kSumWidths.size(); ++i) {
    if (kSumWidths[i] == width) return kWidthDigits[i];
  }
  assert(false);
  return '\0';
}

}  // namespace

void append_id(std::string& out, std::uint64_t id) {
  const std::uint64_t big_endian = __builtin_bswap64(id);
  out.append(reinterpret_cast<const char*>(&big_endian), sizeof big_endian);
}

void append_time(std::string& out, Time t) {
  append_id(out, static_cast<std::uint64_t>(us_since_epoch(t)) ^ kSignBit);
}

std::uint64_t read_id(std::string_view bytes) {
  assert(bytes.size() == 8);
  std::uint64_t big_endian = 0;
  std::memcpy(&big_endian, bytes.data(), sizeof big_endian);
  return __builtin_bswap64(big_endian);
}

Time read_time(std::string_view bytes) {
  return time_from_us(static_cast<std::int64_t>(read_id(bytes) ^ kSignBit));
}

void append_segment(std::string& out, std::string_view service, std::string_view endpoint) {
  out.append(service).push_back('\0');
  out.append(endpoint).push_back('\0');
}

std::string behind_prefix(std::string prefix) {
  assert(!prefix.empty() && prefix.back() == '\0');
  prefix.back() = '\1';
  return prefix;
}

std::string answer_key(std::string_view key) { return std::string(1, kAnswerByKey).append(key); }

std::string answer_expiry_key(Time expires_at, std::string_view key) {
  std::string out(1, kAnswerByExpiry);
  append_time(out, expires_at);
  return out.append(key);
}

std::optional<SegmentKey> parse_segment_key(std::string_view key, std::size_t rest_size) {
  const std::size_t service_end = key.find('\0');
  if (service_end == std::string_view::npos) return std::nullopt;
  const std::size_t endpoint_end = key.find('\0', service_end + 1);
  if (endpoint_end == std::string_view::npos) return std::nullopt;
  if (key.size() - endpoint_end - 1 != rest_size) return std::nullopt;
  return SegmentKey{.prefix = key.substr(0, endpoint_end + 1),
                    .service = key.substr(0, service_end),
                    .endpoint = key.substr(service_end + 1, endpoint_end - service_end - 1),
                    .rest = key.substr(endpoint_end + 1)};
}

std::string sum_key(std::string_view segment, std::chrono::seconds width, Time begins) {
  std::string out(segment);
  out.push_back(width_digit(width));
  append_time(out, begins);
  return out;
}

std::string stale_key(std::string_view segment, std::chrono::seconds width, Time begins) {
  std::string out;
  append_time(out, begins + width);
  out.push_back(width_digit(width));
  return out.append(segment);
}

std::optional<StaleStretch> parse_stale_key(std::string_view key) {
  constexpr std::size_t kHead = 9;
  if (key.size() <= kHead) return std::nullopt;
  const std::size_t width = kWidthDigits.find(key[kHead - 1]);
  if (width == std::string_view::npos || !parse_segment_key(key.substr(kHead), 0)) {
    return std::nullopt;
  }
  return StaleStretch{.segment = std::string(key.substr(kHead)),
                      .width = kSumWidths[width],
                      .begins = read_time(key.substr(0, 8)) - kSumWidths[width]};
}

}  // namespace driftguard::store

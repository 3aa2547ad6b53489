// SPDX-License-Identifier: Apache-2.0
// The keys of the embedded store, byte by byte. Part of the format on disk: a change here is a
// new kFormatVersion (rocks_store.cpp).
//
//   raw      service 00 endpoint 00 time id        rollup   service 00 endpoint 00 bucket
//   sums     service 00 endpoint 00 width begins   stale  ends width service 00 endpoint 00
//   answers  'k' key  |  'e' time key              documents  the document's own key
//
// Times are microseconds since 1970, big-endian with the sign bit flipped, so that bytes sort as
// times do, before the epoch too; `id` is big-endian. Names hold no NUL, so the segments lie one
// after the other. A raw key is that of the first row of a chunk (row_chunk.h): within a segment,
// chunks lie in the order (ts, id) of their first rows. `width` is '1' for a minute, '2' for an
// hour. An entry of `stale` says that the sum of the stretch that ends then is missing and has to
// be made; minutes lie before the hour that they are part of.
// Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace driftguard::store {

inline constexpr char kAnswerByKey = 'k';
inline constexpr char kAnswerByExpiry = 'e';

void append_id(std::string& out, std::uint64_t id);
void append_time(std::string& out, Time t);
// Both read exactly eight bytes.
std::uint64_t read_id(std::string_view bytes);
Time read_time(std::string_view bytes);

// "service 00 endpoint 00": what all keys of one segment begin with.
void append_segment(std::string& out, std::string_view service, std::string_view endpoint);
// The least key behind all keys that begin with `prefix`, which ends in 00.
std::string behind_prefix(std::string prefix);

std::string answer_key(std::string_view key);
std::string answer_expiry_key(Time expires_at, std::string_view key);

// The parts of a raw or rollup key: views into it.
struct SegmentKey {
  std::string_view prefix;  // With both NULs.
  std::string_view service;
  std::string_view endpoint;
  std::string_view rest;  // Time and id, or bucket.
};

// Empty unless the key has both names and `rest_size` bytes behind them.
std::optional<SegmentKey> parse_segment_key(std::string_view key, std::size_t rest_size);

inline constexpr std::size_t kRawRest = 16;
inline constexpr std::size_t kRollupRest = 8;

// `segment` is what append_segment() wrote; `width` is one of kSumWidths.
std::string sum_key(std::string_view segment, std::chrono::seconds width, Time begins);
std::string stale_key(std::string_view segment, std::chrono::seconds width, Time begins);

// A stretch whose sum is missing.
struct StaleStretch {
  std::string segment;
  std::chrono::seconds width;
  Time begins;
};
// Empty unless it is a key of `stale`.
std::optional<StaleStretch> parse_stale_key(std::string_view key);

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// Content codings: gzip and zstd in, gzip out (and whatever files come compressed in).
//
// Pure functions; thread-safe. Memory: decompress() holds at most the input, the limit and 64 KiB
// of output, and the codec's window (gzip 32 KiB; zstd at most kZstdWindowLogMax).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace driftguard::http {

// Largest zstd window accepted, as a power of two: 8 MiB, what RFC 9659 lets Content-Encoding use.
inline constexpr int kZstdWindowLogMax = 23;

// Whether decompress() knows the coding: "gzip", "x-gzip", "zstd", "identity" or "", in any case.
bool encoding_known(std::string_view encoding);

// Undoes one Content-Encoding. All gzip members and all zstd frames of `bytes` are joined; empty
// input in gzip or zstd is an error, as an unfinished one is.
// kInvalidArgument: unknown coding, corrupt, truncated, or anything behind the last member.
// kTooLarge: more than `limit` bytes come out, or the zstd window is too large.
Result<std::string> decompress(std::string_view encoding, std::string_view bytes,
                               std::size_t limit);

// How hard gzip() tries: kFast for answers made on the spot, kSmall for what is sent often.
enum class Effort { kFast, kSmall };

// One gzip member.
std::string gzip(std::string_view bytes, Effort effort = Effort::kFast);

// Whether an Accept-Encoding header lets us answer in a coding, "gzip", "br" or "zstd" (a weight of
// 0 forbids it; the coding's own weight counts more than that of "*").
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);
inline bool accepts_gzip(std::string_view accept_encoding) {
  return accepts_coding(accept_encoding, "gzip");
}

}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
// Undoes the chunked transfer coding, as the bytes come.
//
// Strict: sizes are bare hexadecimal digits, every line ends in CRLF, extensions and trailers are
// skipped but bounded. Not thread-safe; one decoder a body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace driftguard::http {

class ChunkDecoder final {
 public:
  enum class State { kMore, kDone, kBroken, kTooLarge };

  // At most this many bytes come out.
  explicit ChunkDecoder(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // Takes bytes from the front of `in`, removing them, and appends what they carry to `body`.
  // kMore: all of `in` is used up. kDone: `in` begins with what follows the body. kBroken,
  // kTooLarge: the connection cannot go on; `in` and `body` are of no use.
  State feed(std::string_view& in, std::string& body);

 private:
  enum class Expect {
    kSize,
    kExtension,
    kSizeFeed,
    kData,
    kDataReturn,
    kDataFeed,
    kTrailer,
    kTrailerLine,
    kTrailerFeed,
    kEndFeed
  };

  static constexpr std::size_t kSizeDigitsMax = 15;           // Below 2^60: no overflow.
  static constexpr std::size_t kOverheadBytesMax = 16 << 10;  // Extensions and trailers together.

  State take_data(std::string_view& in, std::string& body);
  bool take_byte(char c);  // Of anything but data; false: broken.
  bool take_size_digit(char c);
  void end_size_line();

  std::size_t body_bytes_max_;
  Expect expect_ = Expect::kSize;
  std::uint64_t left_ = 0;  // Of the size being read, then of the data.
  std::size_t digits_ = 0;
  std::size_t overhead_ = 0;
  bool done_ = false;
};

}  // namespace driftguard::http

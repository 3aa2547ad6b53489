// SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include <algorithm>
#include <cassert>

namespace driftguard::http {
namespace {

bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

}  // namespace

ChunkDecoder::State ChunkDecoder::feed(std::string_view& in, std::string& body) {
  assert(!done_);
  while (!in.empty()) {
    if (expect_ == Expect::kData) {
      if (const State state = take_data(in, body); state != State::kMore) return state;
      continue;
    }
    if (!take_byte(in.front())) return State::kBroken;
    in.remove_prefix(1);
    if (done_) return State::kDone;
  }
  return State::kMore;
}

ChunkDecoder::State ChunkDecoder::take_data(std::string_view& in, std::string& body) {
  // Refused by what the chunk announces, before its bytes are there.
  if (left_ > body_bytes_max_ - body.size()) return State::kTooLarge;
  const std::size_t size = std::min<std::uint64_t>(left_, in.size());
  body.append(in.substr(0, size));
  in.remove_prefix(size);
  left_ -= size;
  if (left_ == 0) expect_ = Expect::kDataReturn;
  return State::kMore;
}

bool ChunkDecoder::take_size_digit(char c) {
  int digit = -1;
  if (c >= '0' && c <= '9') digit = c - '0';
  if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
  if (digit < 0 || ++digits_ > kSizeDigitsMax) return false;
  left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
  return true;
}

void ChunkDecoder::end_size_line() {
  expect_ = left_ > 0 ? Expect::kData : Expect::kTrailer;
  digits_ = 0;
}

bool ChunkDecoder::take_byte(char c) {
  switch (expect_) {
    case Expect::kSize:
      if (c == '\r' || c == ';') {
        expect_ = c == ';' ? Expect::kExtension : Expect::kSizeFeed;
        return digits_ > 0;
      }
      return take_size_digit(c);
    case Expect::kExtension:
      if (c == '\r') return expect_ = Expect::kSizeFeed, true;
      return is_text(c) && ++overhead_ <= kOverheadBytesMax;
    case Expect::kSizeFeed:
      end_size_line();
      return c == '\n';
    case Expect::kData:
      break;
    case Expect::kDataReturn:
      expect_ = Expect::kDataFeed;
      return c == '\r';
    case Expect::kDataFeed:
      expect_ = Expect::kSize;
      return c == '\n';
    case Expect::kTrailer:
      expect_ = c == '\r' ? Expect::kEndFeed : Expect::kTrailerLine;
      // A line that begins with a blank would fold into the one before.
      return c == '\r' || (is_text(c) && c != ' ' && c != '\t' && ++overhead_ <= kOverheadBytesMax);
    case Expect::kTrailerLine:
      if (c == '\r') return expect_ = Expect::kTrailerFeed, true;
      return is_text(c) && ++overhead_ <= kOverheadBytesMax;
    case Expect::kTrailerFeed:
      expect_ = Expect::kTrailer;
      return c == '\n';
    case Expect::kEndFeed:
      done_ = c == '\n';
      return done_;
  }
  return false;
}

}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
#include "http/compression.h"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace driftguard::http {
namespace {

constexpr std::size_t kStep = 64 << 10;         // Output grows at least by this much.
constexpr std::size_t kReservedFrom = 4 << 20;  // And at most; larger output reserves its limit.
constexpr int kGzipWindowBits = 15 + 16;        // 32 KiB window; gzip headers only, not raw zlib.
constexpr int kGzipLevel = 1;                   // About 100 MB/s and three quarters of the gain.
constexpr std::size_t kFirstGuessRatio = 4;  // JSON shrinks more; a wrong guess costs one growth.

Error corrupt(std::string_view coding) {
  return {ErrorCode::kInvalidArgument,
          "The body is not complete, correct " + std::string(coding) + " data."};
}

Error too_large(std::size_t limit) {
  return {ErrorCode::kTooLarge,
          "The decompressed body is larger than " + std::to_string(limit) + " bytes."};
}

bool equal_no_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

bool is_gzip(std::string_view coding) {
  return equal_no_case(coding, "gzip") || equal_no_case(coding, "x-gzip");
}
bool is_zstd(std::string_view coding) { return equal_no_case(coding, "zstd"); }
bool is_identity(std::string_view coding) {
  return coding.empty() || equal_no_case(coding, "identity");
}

// A string filled from the front: it doubles while it is small; beyond that it reserves all that
// may come, address space that takes no memory until it is filled, and is never copied again. One
// byte more than the limit fits, and is how too much is noticed.
class Output final {
 public:
  Output(std::size_t input, std::size_t limit) : limit_(limit) {
    grow_to(std::max(input * kFirstGuessRatio, kStep));
  }
  char* free_begin() { return text_.data() + used_; }
  std::size_t free_size() const { return text_.size() - used_; }
  void take(std::size_t bytes) {
    used_ += bytes;
    assert(used_ <= text_.size());
  }
  bool over() const { return used_ > limit_; }
  void make_room() {
    if (free_size() == 0) grow_to(used_ + std::clamp(used_, kStep, kReservedFrom));
  }
  std::string finish() && {
    text_.resize(used_);
    if (text_.capacity() / 2 > used_) text_.shrink_to_fit();
    return std::move(text_);
  }

 private:
  void grow_to(std::size_t size) {
    size = std::min(size, limit_ + 1);
    if (size > kReservedFrom) text_.reserve(limit_ + 1);
    text_.resize(size);
  }

  std::size_t limit_;
  std::size_t used_ = 0;
  std::string text_;
};

Result<std::string> gunzip(std::string_view bytes, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) {
    return Error{ErrorCode::kInternal, "zlib does not start."};
  }
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  // zlib's interface is not const-correct; it never writes to the input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  Output out(bytes.size(), limit);
  for (;;) {
    out.make_room();
    const auto room =
        static_cast<uInt>(std::min<std::size_t>(out.free_size(), std::numeric_limits<uInt>::max()));
    stream.next_out = reinterpret_cast<Bytef*>(out.free_begin());
    stream.avail_out = room;
    const int state = inflate(&stream, Z_NO_FLUSH);
    out.take(room - stream.avail_out);
    if (out.over()) return too_large(limit);
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) return std::move(out).finish();
      if (inflateReset(&stream) != Z_OK) return corrupt("gzip");
    } else if (state != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      return corrupt("gzip");
    }
  }
}

Result<std::string> unzstd(std::string_view bytes, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  if (!context) return Error{ErrorCode::kInternal, "zstd does not start."};
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  Output out(bytes.size(), limit);
  for (;;) {
    out.make_room();
    ZSTD_outBuffer step{out.free_begin(), out.free_size(), 0};
    const std::size_t state = ZSTD_decompressStream(context.get(), &step, &in);
    out.take(step.pos);
    if (out.over()) return too_large(limit);
    if (ZSTD_isError(state)) {
      if (ZSTD_getErrorCode(state) == ZSTD_error_frameParameter_windowTooLarge) {
        return Error{ErrorCode::kTooLarge, "The zstd window is larger than 8 MiB."};
      }
      return corrupt("zstd");
    }
    if (in.pos == in.size && step.pos < step.size) {
      if (state != 0) return corrupt("zstd");
      return std::move(out).finish();
    }
  }
}

}  // namespace

bool encoding_known(std::string_view encoding) {
  return is_identity(encoding) || is_gzip(encoding) || is_zstd(encoding);
}

Result<std::string> decompress(std::string_view encoding, std::string_view bytes,
                               std::size_t limit) {
  if (is_gzip(encoding)) {
    // zlib counts its input in 32 bits.
    if (bytes.size() > std::numeric_limits<uInt>::max()) return too_large(limit);
    return bytes.empty() ? Result<std::string>(corrupt("gzip")) : gunzip(bytes, limit);
  }
  if (is_zstd(encoding)) {
    return bytes.empty() ? Result<std::string>(corrupt("zstd")) : unzstd(bytes, limit);
  }
  if (!is_identity(encoding)) {
    return Error{ErrorCode::kInvalidArgument, "The content coding is neither gzip nor zstd."};
  }
  if (bytes.size() > limit) return too_large(limit);
  return std::string(bytes);
}

std::string gzip(std::string_view bytes, Effort effort) {
  z_stream stream{};
  const int level = effort == Effort::kSmall ? Z_BEST_COMPRESSION : kGzipLevel;
  constexpr int kMemoryLevel = 8;  // zlib's default.
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> guard(&stream, &deflateEnd);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  [[maybe_unused]] const int state = deflate(&stream, Z_FINISH);
  assert(state == Z_STREAM_END);
  out.resize(stream.total_out);
  return out;
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view item = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(item.size() + 1, accept_encoding.size()));
    const std::size_t name_begin = std::min(item.find_first_not_of(" \t"), item.size());
    item.remove_prefix(name_begin);
    const std::string_view name = item.substr(0, item.find_first_of("; \t"));
    const bool named = equal_no_case(name, coding) || (coding == "gzip" && is_gzip(name));
    if (!named && name != "*") continue;
    const std::size_t weight = item.find("q=");
    const bool allowed =
        weight == std::string_view::npos ||
        item.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
    if (named) return allowed;
    any = allowed;
  }
  return any;
}

}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
#include "http/compression.h"

#include <gtest/gtest.h>
#include <zstd.h>

namespace driftguard::http {
namespace {

constexpr std::size_t kLimit = 1 << 20;

std::string zstd(std::string_view bytes, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  // As a stream of unknown length: one call would write the size and shrink the window to it.
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

std::string varied(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919 % 10007);
  text.resize(size);
  return text;
}

ErrorCode code(const Result<std::string>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(Compression, WhatWasPackedComesBack) {
  for (const std::size_t size : {0UL, 1UL, 65'536UL, 500'000UL, kLimit}) {
    const std::string text = varied(size);
    EXPECT_EQ(*decompress("gzip", gzip(text), kLimit), text);
    EXPECT_EQ(*decompress("zstd", zstd(text), kLimit), text);
    EXPECT_EQ(*decompress("identity", text, kLimit), text);
  }
}

TEST(Compression, JoinedMembersAndFramesAreOneText) {
  EXPECT_EQ(*decompress("gzip", gzip("a") + gzip("") + gzip("bc"), kLimit), "abc");
  EXPECT_EQ(*decompress("ZSTD", zstd("a") + zstd("") + zstd("bc"), kLimit), "abc");
}

TEST(Compression, TheLimitIsExact) {
  const std::string text = varied(1000);
  for (const auto& [coding, bytes] : {std::pair("gzip", gzip(text)), std::pair("zstd", zstd(text)),
                                      std::pair("identity", text)}) {
    EXPECT_TRUE(decompress(coding, bytes, 1000).has_value());
    EXPECT_EQ(code(decompress(coding, bytes, 999)), ErrorCode::kTooLarge);
  }
}

TEST(Compression, BombsAreStoppedAtTheLimit) {
  const std::string zeros(100 << 20, '\0');
  EXPECT_EQ(code(decompress("gzip", gzip(zeros), kLimit)), ErrorCode::kTooLarge);
  EXPECT_EQ(code(decompress("zstd", zstd(zeros), kLimit)), ErrorCode::kTooLarge);
}

TEST(Compression, ManySmallMembersAreStoppedAtTheLimitToo) {
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += gzip(std::string(100'000, 'x'));
  EXPECT_EQ(code(decompress("gzip", bytes, kLimit)), ErrorCode::kTooLarge);
}

TEST(Compression, HugeZstdWindowIsRefused) {
  EXPECT_EQ(code(decompress("zstd", zstd(varied(1000), 27), kLimit)), ErrorCode::kTooLarge);
}

TEST(Compression, EveryTruncationIsNoticed) {
  const std::string text = varied(3000);
  for (const auto& [coding, bytes] :
       {std::pair("gzip", gzip(text)), std::pair("zstd", zstd(text))}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(code(decompress(coding, std::string_view(bytes).substr(0, size), kLimit)),
                ErrorCode::kInvalidArgument)
          << coding << " " << size;
    }
  }
}

TEST(Compression, GarbageBehindTheLastMemberIsNoticed) {
  EXPECT_EQ(code(decompress("gzip", gzip("a") + "x", kLimit)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(decompress("gzip", gzip("a") + std::string(8, '\0'), kLimit)),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(decompress("zstd", zstd("a") + "xxxxx", kLimit)), ErrorCode::kInvalidArgument);
}

TEST(Compression, EveryFlippedBitOfGzipIsNoticedOrHarmless) {
  const std::string text = varied(300);
  const std::string bytes = gzip(text);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string flipped = bytes;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
    const auto plain = decompress("gzip", flipped, kLimit);
    if (plain) {
      EXPECT_EQ(*plain, text) << i;  // Header bits: time stamp, system.
    }
  }
}

TEST(Compression, UnknownCodingIsInvalid) {
  EXPECT_FALSE(encoding_known("br"));
  EXPECT_FALSE(encoding_known("gzip, gzip"));
  EXPECT_EQ(code(decompress("deflate", "x", kLimit)), ErrorCode::kInvalidArgument);
}

TEST(Compression, AcceptEncodingIsReadWithItsWeights) {
  for (const char* yes : {"gzip", "br, gzip", "GZIP;q=0.5", "*", "deflate,x-gzip", "gzip; q=1.0"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzipped", "identity"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

}  // namespace
}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace driftguard {
namespace {

TEST(Bytes, NumbersComeBackAsTheyWent) {
  for (std::int64_t v :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{127}, std::int64_t{128},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    std::string out;
    ByteWriter writer(out);
    writer.zigzag(v);
    writer.varint(static_cast<std::uint64_t>(v));
    writer.fixed64(static_cast<std::uint64_t>(v));
    ByteReader in(out);
    EXPECT_EQ(in.zigzag(), v);
    EXPECT_EQ(in.varint(), static_cast<std::uint64_t>(v));
    EXPECT_EQ(in.fixed64(), static_cast<std::uint64_t>(v));
    EXPECT_TRUE(in.done());
  }
}

TEST(Bytes, BigEndianSortsAsTheNumbersDo) {
  std::string small, large;
  ByteWriter(small).big_endian64(255);
  ByteWriter(large).big_endian64(256);
  EXPECT_LT(small, large);
}

TEST(Bytes, ReadingPastTheEndIsNoticedOnceAndForAll) {
  ByteReader in(
      "\x05"
      "ab");
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_FALSE(in.done());
}

TEST(Bytes, EndlessVarintIsRefused) {
  ByteReader in(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12));
  in.varint();
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace driftguard

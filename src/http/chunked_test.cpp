// SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include <gtest/gtest.h>

namespace driftguard::http {
namespace {

using State = ChunkDecoder::State;

constexpr std::string_view kWire =
    "4;x=\"y\"\r\nWiki\r\n00a\r\n0123456789\r\n0\r\nT: u\r\n\r\nrest";

TEST(Chunked, EverySplitGivesTheSameBodyAndLeavesTheRest) {
  for (std::size_t cut = 0; cut <= kWire.size() - 4; ++cut) {
    ChunkDecoder decoder(100);
    std::string body;
    std::string_view first = kWire.substr(0, cut);
    State state = decoder.feed(first, body);
    std::string_view second = kWire.substr(cut);
    if (state == State::kMore) state = decoder.feed(second, body);
    EXPECT_EQ(state, State::kDone) << cut;
    EXPECT_EQ(body, "Wiki0123456789");
    EXPECT_EQ(second, "rest");
  }
}

TEST(Chunked, UnfinishedBodyIsNeverDone) {
  for (std::size_t size = 0; size < kWire.size() - 4; ++size) {
    ChunkDecoder decoder(100);
    std::string body;
    std::string_view in = kWire.substr(0, size);
    EXPECT_EQ(decoder.feed(in, body), State::kMore) << size;
  }
}

TEST(Chunked, TheLimitIsExactAndHoldsBeforeTheDataCome) {
  for (const auto& [limit, state] :
       {std::pair(14, State::kDone), std::pair(13, State::kTooLarge)}) {
    ChunkDecoder decoder(static_cast<std::size_t>(limit));
    std::string body;
    std::string_view in = kWire;
    EXPECT_EQ(decoder.feed(in, body), state);
  }
  ChunkDecoder decoder(13);
  std::string body;
  std::string_view in = "e\r\nx";
  EXPECT_EQ(decoder.feed(in, body), State::kTooLarge);
}

}  // namespace
}  // namespace driftguard::http

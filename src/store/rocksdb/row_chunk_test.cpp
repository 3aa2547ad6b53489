// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/row_chunk.h"

#include <gtest/gtest.h>

#include <random>

#include "store/rocksdb/row_chunker.h"

namespace driftguard::store {
namespace {

struct OwnedChunkRow {
  Time ts;
  std::uint64_t id;
  std::string payload;
  friend bool operator==(const OwnedChunkRow&, const OwnedChunkRow&) = default;
};

std::vector<ChunkRow> views(const std::vector<OwnedChunkRow>& rows) {
  std::vector<ChunkRow> out;
  for (const OwnedChunkRow& row : rows) out.push_back({row.ts, row.id, row.payload});
  return out;
}

std::vector<OwnedChunkRow> owned(std::span<const ChunkRow> rows) {
  std::vector<OwnedChunkRow> out;
  for (const ChunkRow& row : rows) out.push_back({row.ts, row.id, std::string(row.payload)});
  return out;
}

// Rows of one stretch with payloads of every kind: empty, small, binary, long.
std::vector<OwnedChunkRow> random_rows(std::mt19937_64& random) {
  const std::size_t count = 1 + random() % 50;
  Time ts = time_from_us(-5'000'000'000);
  std::uint64_t id = random() % 1000;
  std::vector<OwnedChunkRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const bool later = random() % 2 == 0;
    if (later) ts += Microseconds(1 + random() % 100'000);
    id = later ? random() % 100'000 : id + 1 + random() % 5;
    std::string payload(random() % 3 == 0 ? random() % 3000 : random() % 30, '\0');
    for (char& c : payload) c = static_cast<char>(random() % 4 == 0 ? random() : 'a');
    rows.push_back({ts, id, std::move(payload)});
  }
  return rows;
}

TEST(RowChunk, GivesBackWhatWentIn) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  ChunkEncoder encoder;
  ChunkDecoder decoder;
  for (int round = 0; round < 500; ++round) {
    const std::vector<OwnedChunkRow> rows = random_rows(random);
    const std::string chunk(encoder.encode(views(rows)));
    const auto back = decoder.decode(rows.front().ts, rows.front().id, chunk);
    ASSERT_TRUE(back) << "seed " << seed << ", round " << round;
    ASSERT_EQ(owned(*back), rows) << "seed " << seed << ", round " << round;
    const auto extent = ChunkDecoder::extent(rows.front().ts, chunk);
    EXPECT_EQ(extent->last_ts, rows.back().ts);
    EXPECT_EQ(extent->rows, rows.size());
  }
}

TEST(RowChunk, LikeRowsTakeATenthOfTheirBytes) {
  std::vector<OwnedChunkRow> rows;
  std::size_t bytes = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    rows.push_back({time_from_us(static_cast<std::int64_t>(i * 1500)), i,
                    R"({"ts": "2025-01-01T00:00:00.)" + std::to_string(i * 1500 + 1'000'000) +
                        R"(Z", "service": "payments_api", "endpoint": "POST /v2/payments", )"
                        R"("request": {"body": {"amount": )" +
                        std::to_string(i * 104729 % 99991) + "}}}"});
    bytes += rows.back().payload.size();
  }
  ChunkEncoder encoder;
  EXPECT_LT(encoder.encode(views(rows)).size(), bytes / 10);
}

TEST(RowChunk, DamageIsAnErrorNeverACrash) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  ChunkEncoder encoder;
  ChunkDecoder decoder;
  for (int round = 0; round < 2000; ++round) {
    const std::vector<OwnedChunkRow> rows = random_rows(random);
    std::string chunk(encoder.encode(views(rows)));
    const std::size_t size = chunk.size();
    if (round % 2 == 0) {
      chunk.resize(random() % size);
    } else {
      chunk[random() % size] ^= static_cast<char>(1 << random() % 8);
    }
    const auto back = decoder.decode(rows.front().ts, rows.front().id, chunk);
    if (round % 2 == 0) {
      EXPECT_FALSE(back) << "cut, seed " << seed << ", round " << round;
    }
    if (!back) {
      EXPECT_EQ(back.error().code, ErrorCode::kCorrupt);
    }
  }
}

TEST(RowChunk, EndlessTimeHasAStretch) {
  EXPECT_EQ(chunk_stretch(Time::min()), Time::min());
  EXPECT_LE(chunk_stretch(Time::max()), Time::max());
  EXPECT_EQ(chunk_stretch(time_from_us(-1)), time_from_us(-10'000'000));
  EXPECT_EQ(chunk_stretch(time_from_us(10'000'000)), time_from_us(10'000'000));
}

// A commit's rows, split.
struct Split {
  std::vector<std::string> segments;
  std::vector<std::vector<OwnedChunkRow>> chunks;
};

Split split(const std::vector<RawRow>& rows, std::uint64_t first_id = 100) {
  Split out;
  RowChunker().split(rows, first_id, [&](const RawRow& first, std::span<const ChunkRow> chunk) {
    out.segments.push_back(std::string(first.service) + " " + std::string(first.endpoint));
    out.chunks.push_back(owned(chunk));
  });
  return out;
}

RawRow row(std::int64_t us, std::string_view service, std::string_view payload = "{}") {
  return {time_from_us(us), service, "e", {}, payload};
}

TEST(RowChunker, RowsOfASegmentAreSortedByTimeThenArrival) {
  const std::string twin = "a";  // The same name at another address.
  const Split made =
      split({row(5, "a", "0"), row(1, "b", "1"), row(3, twin, "2"), row(3, "a", "3")});
  ASSERT_EQ(made.segments, (std::vector<std::string>{"a e", "b e"}));
  EXPECT_EQ(made.chunks[0], (std::vector<OwnedChunkRow>{{time_from_us(3), 102, "2"},
                                                        {time_from_us(3), 103, "3"},
                                                        {time_from_us(5), 100, "0"}}));
  EXPECT_EQ(made.chunks[1], (std::vector<OwnedChunkRow>{{time_from_us(1), 101, "1"}}));
}

TEST(RowChunker, AChunkEndsWithItsStretch) {
  const Split made = split({row(-1, "a"), row(0, "a"), row(9'999'999, "a"), row(10'000'000, "a")});
  ASSERT_EQ(made.chunks.size(), 3u);
  EXPECT_EQ(made.chunks[1].size(), 2u);
}

TEST(RowChunker, AChunkIsBounded) {
  EXPECT_EQ(split(std::vector<RawRow>(2 * kChunkRowsMax + 1, row(0, "a"))).chunks.size(), 3u);
  const std::string large(kChunkBytesMax / 2 + 1, 'x');
  EXPECT_EQ(split(std::vector<RawRow>(3, row(0, "a", large))).chunks.size(), 3u);
  const std::string larger(kChunkBytesMax + 1, 'x');
  EXPECT_EQ(split({row(0, "a", larger), row(0, "a")}).chunks.size(), 2u);
}

}  // namespace
}  // namespace driftguard::store

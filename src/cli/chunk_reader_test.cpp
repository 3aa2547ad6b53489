// SPDX-License-Identifier: Apache-2.0
#include "cli/chunk_reader.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/bad_lines.h"

namespace driftguard::cli {
namespace {

using testing::ElementsAre;

class ChunkReaderTest : public testing::Test {
 protected:
  ~ChunkReaderTest() override { std::filesystem::remove(path_); }

  ChunkReader reader(const std::string& text, std::size_t events_max,
                     std::size_t bytes_max = 1000) {
    std::ofstream(path_, std::ios::binary) << text;
    Result<LineReader> lines = LineReader::open(path_);
    EXPECT_TRUE(lines);
    return ChunkReader(std::move(*lines), {events_max, bytes_max});
  }
  static Chunk next(ChunkReader& from) {
    Result<std::optional<Chunk>> chunk = from.next();
    EXPECT_TRUE(chunk && *chunk);
    return std::move(**chunk);
  }
  static bool at_end(ChunkReader& from) {
    Result<std::optional<Chunk>> chunk = from.next();
    return chunk && !*chunk;
  }

  const std::string path_ = testing::TempDir() + "chunk_reader_test." + std::to_string(::getpid());
};

TEST_F(ChunkReaderTest, ChunksHoldSoManyEvents) {
  ChunkReader from = reader("a\nb\nc\n", 2);
  EXPECT_EQ(next(from).body, "a\nb\n");
  EXPECT_EQ(next(from).body, "c\n");
  EXPECT_TRUE(at_end(from));
}

TEST_F(ChunkReaderTest, BlankLinesCountAsLinesButAreNotSent) {
  ChunkReader from = reader("\na\n \t\nb\n\nc\n", 2);
  const Chunk first = next(from);
  EXPECT_EQ(first.body, "a\nb\n");
  EXPECT_THAT(first.lines, ElementsAre(2, 4));
  EXPECT_EQ(first.last_line, 4);
  EXPECT_THAT(next(from).lines, ElementsAre(6));
}

TEST_F(ChunkReaderTest, ChunksHoldSoManyBytesButAlwaysOneEvent) {
  ChunkReader from = reader("aaaa\nbbbb\ncccccccccccc\ndddd\n", 100, 10);
  EXPECT_EQ(next(from).body, "aaaa\nbbbb\n");
  EXPECT_EQ(next(from).body, "cccccccccccc\n");
  EXPECT_EQ(next(from).body, "dddd\n");
}

TEST_F(ChunkReaderTest, SkippingLeadsToTheSameChunks) {
  const std::string text = "a\nb\n\nc\nd\ne\n";
  ChunkReader whole = reader(text, 2);
  const Chunk first = next(whole);
  const Chunk second = next(whole);
  ChunkReader rest = reader(text, 2);
  EXPECT_TRUE(*rest.skip(first.last_line, first.digest));
  const Chunk again = next(rest);
  EXPECT_EQ(again.body, second.body);
  EXPECT_EQ(again.lines, second.lines);
  EXPECT_EQ(again.digest, second.digest);
}

TEST_F(ChunkReaderTest, SkippingNoticesChangedAndMissingLines) {
  ChunkReader from = reader("a\nb\nc\n", 2);
  const Chunk first = next(from);
  EXPECT_FALSE(*reader("a\nB\nc\n", 2).skip(first.last_line, first.digest));
  EXPECT_FALSE(*reader("a\n", 2).skip(first.last_line, first.digest));
  EXPECT_FALSE(*reader("ab\n\nc\n", 2).skip(first.last_line, first.digest));
  EXPECT_TRUE(*reader("a\nb\nx\n", 2).skip(first.last_line, first.digest));
}

TEST_F(ChunkReaderTest, EventsAreFoundByIndex) {
  ChunkReader from = reader("a\nbb\nc\n", 3);
  const Chunk chunk = next(from);
  EXPECT_EQ(chunk.event(0), "a");
  EXPECT_EQ(chunk.event(1), "bb");
  EXPECT_EQ(chunk.event(2), "c");
}

constexpr const char* kGood = R"({"ts":"2025-01-01T00:00:00Z","service":"s","endpoint":"e"})";

TEST_F(ChunkReaderTest, BadLinesAreFoundAndLeftOut) {
  const std::string good(kGood);
  ChunkReader from = reader(good + "\nno\n" + good + "\n{} {}\n", 10);
  const Chunk chunk = next(from);
  const std::vector<BadLines::Bad> bad = BadLines().find(chunk);
  ASSERT_EQ(bad.size(), 2);
  const Chunk kept = without(chunk, bad);
  EXPECT_EQ(kept.body, good + "\n" + good + "\n");
  EXPECT_THAT(kept.lines, ElementsAre(1, 3));
}

TEST_F(ChunkReaderTest, TheFirstBadLineMayBeJsonButNoEvent) {
  ChunkReader from = reader(std::string(kGood) + "\n{\"ts\":1}\nno\n", 10);
  const auto first = BadLines().first(next(from));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->index, 1);
  EXPECT_THAT(first->detail, testing::StartsWith("/ts: "));
}

}  // namespace
}  // namespace driftguard::cli

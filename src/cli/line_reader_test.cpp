// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.h"

#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "http/compression.h"

namespace driftguard::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

// A file of the test's own.
class LineReaderTest : public testing::Test {
 protected:
  ~LineReaderTest() override { std::filesystem::remove(path_); }

  LineReader reader(const std::string& bytes, const LineReaderOptions& options = {}) {
    std::ofstream(path_, std::ios::binary) << bytes;
    Result<LineReader> opened = LineReader::open(path_, options);
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  // All lines, and after them what went wrong, if anything did.
  std::vector<std::string> lines(const std::string& bytes, const LineReaderOptions& options = {}) {
    LineReader from = reader(bytes, options);
    std::vector<std::string> read;
    for (;;) {
      const Result<std::optional<std::string_view>> line = from.next();
      if (!line) read.push_back("error: " + line.error().detail);
      if (!line || !*line) return read;
      read.emplace_back(**line);
    }
  }

  const std::string path_ = testing::TempDir() + "line_reader_test." + std::to_string(::getpid());
};

TEST_F(LineReaderTest, EmptyFileHasNoLines) { EXPECT_THAT(lines(""), ElementsAre()); }

TEST_F(LineReaderTest, LastLineNeedsNoEnd) {
  EXPECT_THAT(lines("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(lines("a\nb\n"), ElementsAre("a", "b"));
}

TEST_F(LineReaderTest, BlankLinesAreLines) {
  EXPECT_THAT(lines("\n\na\n"), ElementsAre("", "", "a"));
}

TEST_F(LineReaderTest, CarriageReturnsAndByteOrderMarksGo) {
  EXPECT_THAT(lines("\xef\xbb\xbf{}\r\nb\r\n"), ElementsAre("{}", "b"));
}

TEST_F(LineReaderTest, CompressionIsKnownByItsFirstBytes) {
  EXPECT_THAT(lines(http::gzip("a\nb\n")), ElementsAre("a", "b"));
  EXPECT_THAT(lines(zstd("a\nb\n")), ElementsAre("a", "b"));
}

TEST_F(LineReaderTest, MembersAndFramesFollowOneAnother) {
  EXPECT_THAT(lines(http::gzip("a\nb") + http::gzip("c\n")), ElementsAre("a", "bc"));
  EXPECT_THAT(lines(zstd("a\nb") + zstd("c\n")), ElementsAre("a", "bc"));
}

TEST_F(LineReaderTest, LongFilesComeWhole) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + '\n';
  for (const std::string& bytes : {text, http::gzip(text), zstd(text)}) {
    const std::vector<std::string> read = lines(bytes);
    ASSERT_THAT(read, SizeIs(200'000));
    EXPECT_EQ(read[123'456], "123456");
    EXPECT_EQ(read.back(), "199999");
  }
}

// What comes out of the codec fills its buffer many times over without any more going in.
TEST_F(LineReaderTest, HighlyCompressedLinesComeWhole) {
  const std::string line(3u << 20, 'x');
  const std::string text = line + '\n' + line;
  EXPECT_THAT(lines(http::gzip(text)), ElementsAre(line, line));
  EXPECT_THAT(lines(zstd(text)), ElementsAre(line, line));
}

TEST_F(LineReaderTest, CutOffCompressionIsAnErrorAfterItsLines) {
  const std::string text = "a\nb\n" + std::string(1000, 'c');
  for (std::string bytes : {http::gzip(text), zstd(text)}) {
    bytes.pop_back();
    EXPECT_THAT(lines(bytes).back(), HasSubstr("ends early"));
  }
}

TEST_F(LineReaderTest, DamagedCompressionIsAnError) {
  EXPECT_THAT(lines("\x1f\x8bgarbage"), ElementsAre(HasSubstr("gzip data is damaged")));
  EXPECT_THAT(lines("\x28\xb5\x2f\xfdgarbage"), ElementsAre(HasSubstr("zstd data is damaged")));
  EXPECT_THAT(lines(http::gzip("a\n") + "garbage").back(), HasSubstr("gzip data is damaged"));
}

TEST_F(LineReaderTest, LinesHaveALimitWhichTheErrorPlaces) {
  LineReaderOptions options;
  options.line_bytes_max = 1u << 20;
  const std::string longest(options.line_bytes_max, 'x');
  EXPECT_THAT(lines(longest + "\n", options), ElementsAre(longest));
  EXPECT_THAT(lines("a\n" + longest + "x\n", options),
              ElementsAre("a", HasSubstr(path_ + ":2: the line is longer than 1 MiB")));
}

TEST_F(LineReaderTest, LinesAreCountedFromOne) {
  LineReader from = reader("a\n\nb\n");
  for (std::uint64_t line = 1; line <= 3; ++line) {
    ASSERT_TRUE(from.next());
    EXPECT_EQ(from.line(), line);
  }
}

TEST_F(LineReaderTest, PositionReachesTheFilesSize) {
  const std::string bytes = http::gzip("a\nb\n");
  LineReader from = reader(bytes);
  while (*from.next()) {
  }
  EXPECT_EQ(from.bytes().file_bytes(), bytes.size());
  EXPECT_EQ(from.bytes().file_position(), bytes.size());
}

TEST_F(LineReaderTest, AStopDropsTheLineItCutsOff) {
  std::array<int, 2> stop{};
  ASSERT_EQ(::pipe(stop.data()), 0);
  LineReaderOptions options;
  options.stop_fd = stop[0];
  LineReader from = reader("a\nb", options);
  EXPECT_EQ(**from.next(), "a");
  ASSERT_EQ(::write(stop[1], "!", 1), 1);
  EXPECT_EQ(*from.next(), std::nullopt);
  EXPECT_TRUE(from.bytes().stopped());
  ::close(stop[0]);
  ::close(stop[1]);
}

TEST_F(LineReaderTest, MissingFileIsNotFound) {
  const Result<LineReader> opened = LineReader::open(path_ + ".missing");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace driftguard::cli

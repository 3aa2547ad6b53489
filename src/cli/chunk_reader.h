// SPDX-License-Identifier: Apache-2.0
// A file of events in chunks that depend on nothing but its bytes: the same file always falls into
// the same chunks, so a chunk can be known again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/line_reader.h"

namespace driftguard::cli {

struct ChunkOptions {
  std::size_t events_max = 1000;
  std::size_t bytes_max = 8u << 20;  // But always one event.
};

struct Chunk {
  std::string body;                  // One event a line; blank lines are left out.
  std::vector<std::uint64_t> lines;  // The file's line of each event.
  std::uint64_t last_line = 0;       // Of the chunk, blank ones included.
  std::uint64_t digest = 0;          // Of the file up to there.

  std::uint64_t first_line() const { return lines.front(); }
  std::size_t events() const { return lines.size(); }
  // One event's text.
  std::string_view event(std::size_t index) const;
};

// Not thread-safe.
class ChunkReader final {
 public:
  ChunkReader(LineReader lines, const ChunkOptions& options)
      : lines_(std::move(lines)), options_(options) {}

  // The next chunk; empty at the end. Errors as LineReader's.
  Result<std::optional<Chunk>> next();

  // Passes over the first `line` lines; true when they have this digest.
  Result<bool> skip(std::uint64_t line, std::uint64_t digest);

  const LineReader& lines() const { return lines_; }

 private:
  Result<bool> read_line();

  LineReader lines_;
  ChunkOptions options_;
  std::string line_;               // Read already, but not in a chunk yet.
  bool waiting_ = false;           // line_ holds such a line.
  std::uint64_t digest_ = 0;       // Of all lines in chunks or passed over.
  std::uint64_t line_number_ = 0;  // The last of those.
};

}  // namespace driftguard::cli

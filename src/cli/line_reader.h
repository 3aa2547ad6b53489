// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/byte_stream.h"
#include "core/result.h"

namespace driftguard::cli {

struct LineReaderOptions {
  std::size_t line_bytes_max = 16u << 20;
  int stop_fd = -1;  // While it can be read, the lines end.
};

// The lines of a file, plain, gzip or zstd. Holds one line and a little more. Not thread-safe.
class LineReader final {
 public:
  // "-" is standard input. Errors as ByteStream's.
  static Result<LineReader> open(const std::string& path, const LineReaderOptions& options = {});

  // The next line without its end ("\n" or "\r\n") and, at the beginning of the file, without a
  // byte order mark; empty at the end. The view lives until the next call. A last line without an
  // end counts, unless the stream was stopped in it. kTooLarge: the line passes the limit.
  Result<std::optional<std::string_view>> next();

  std::uint64_t line() const { return line_; }  // Of the line given last, from 1.
  const ByteStream& bytes() const { return bytes_; }

 private:
  LineReader(ByteStream bytes, std::string name, std::size_t line_bytes_max)
      : bytes_(std::move(bytes)), name_(std::move(name)), line_bytes_max_(line_bytes_max) {}

  Result<bool> fill();
  std::string_view take(std::size_t size, std::size_t end_size);

  ByteStream bytes_;
  std::string name_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;  // Of the first line not given yet.
  std::uint64_t line_ = 0;
};

}  // namespace driftguard::cli

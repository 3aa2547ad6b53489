// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace driftguard::cli {

Result<LineReader> LineReader::open(const std::string& path, const LineReaderOptions& options) {
  Result<ByteStream> bytes = ByteStream::open(path, options.stop_fd);
  if (!bytes) return bytes.error();
  return LineReader(std::move(*bytes), path == "-" ? "standard input" : path,
                    options.line_bytes_max);
}

Result<std::optional<std::string_view>> LineReader::next() {
  for (std::size_t searched = begin_;;) {
    const std::size_t end = buffer_.find('\n', searched);
    const std::size_t size = std::min(end, buffer_.size()) - begin_;
    if (size > line_bytes_max_) {
      return Error{ErrorCode::kTooLarge, fmt::format("{}:{}: the line is longer than {} MiB", name_,
                                                     line_ + 1, line_bytes_max_ >> 20)};
    }
    if (end != std::string::npos) return std::optional(take(size, 1));
    searched = size;  // fill() moves the line to the front.
    Result<bool> more = fill();
    if (!more) return more.error();
    if (*more) continue;
    if (bytes_.stopped() || buffer_.empty()) return std::optional<std::string_view>();
    return std::optional(take(buffer_.size(), 0));
  }
}

Result<bool> LineReader::fill() {
  constexpr std::size_t kStep = 256u << 10;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t old = buffer_.size();
  buffer_.resize(old + kStep);
  Result<std::size_t> got = bytes_.read(buffer_.data() + old, kStep);
  buffer_.resize(old + (got ? *got : 0));
  if (!got) return got.error();
  return *got > 0;
}

std::string_view LineReader::take(std::size_t size, std::size_t end_size) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  std::string_view line = std::string_view(buffer_).substr(begin_, size);
  begin_ += size + end_size;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (++line_ == 1 && line.starts_with(kMark)) line.remove_prefix(kMark.size());
  return line;
}

}  // namespace driftguard::cli

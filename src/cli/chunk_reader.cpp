// SPDX-License-Identifier: Apache-2.0
#include "cli/chunk_reader.h"

#include "core/bytes.h"
#include "core/hash.h"

namespace driftguard::cli {
namespace {

// Each line's digest takes in the one before it, so the last one stands for all.
std::uint64_t digest_after(std::uint64_t digest, std::string_view line, std::string& scratch) {
  scratch.clear();
  ByteWriter(scratch).fixed64(digest);
  scratch += line;
  return hash64(scratch);
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

std::string_view Chunk::event(std::size_t index) const {
  std::string_view left = body;
  for (; index > 0; --index) left.remove_prefix(left.find('\n') + 1);
  return left.substr(0, left.find('\n'));
}

// Makes sure that line_ holds the next line; false at the end.
Result<bool> ChunkReader::read_line() {
  if (waiting_) return true;
  Result<std::optional<std::string_view>> line = lines_.next();
  if (!line) return line.error();
  if (!*line) return false;
  line_ = **line;
  return waiting_ = true;
}

Result<std::optional<Chunk>> ChunkReader::next() {
  Chunk chunk;
  std::string scratch;
  while (chunk.events() < options_.events_max) {
    Result<bool> there = read_line();
    if (!there) return there.error();
    if (!*there) break;
    const bool blank = is_blank(line_);
    const bool fits = chunk.body.size() + line_.size() <= options_.bytes_max;
    if (chunk.events() > 0 && !blank && !fits) break;
    waiting_ = false;
    digest_ = digest_after(digest_, line_, scratch);
    ++line_number_;
    if (blank) continue;
    chunk.body += line_;
    chunk.body += '\n';
    chunk.lines.push_back(line_number_);
  }
  if (chunk.lines.empty()) return std::optional<Chunk>();
  chunk.last_line = line_number_;
  chunk.digest = digest_;
  return std::optional(std::move(chunk));
}

Result<bool> ChunkReader::skip(std::uint64_t line, std::uint64_t digest) {
  std::string scratch;
  while (line_number_ < line) {
    Result<bool> there = read_line();
    if (!there) return there.error();
    if (!*there) return false;
    waiting_ = false;
    digest_ = digest_after(digest_, line_, scratch);
    ++line_number_;
  }
  return digest_ == digest;
}

}  // namespace driftguard::cli

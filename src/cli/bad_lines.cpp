// SPDX-License-Identifier: Apache-2.0
#include "cli/bad_lines.h"

namespace driftguard::cli {
namespace {

// Calls `visit` with each event's index and text.
template <typename Visit>
void for_each_event(const Chunk& chunk, const Visit& visit) {
  std::string_view left = chunk.body;
  for (std::size_t index = 0; index < chunk.events(); ++index) {
    const std::size_t end = left.find('\n');
    visit(index, left.substr(0, end));
    left.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<BadLines::Bad> BadLines::find(const Chunk& chunk) {
  std::vector<Bad> bad;
  for_each_event(chunk, [&](std::size_t index, std::string_view line) {
    const Result<ingest::Batch> batch = read(line);
    if (!batch) bad.push_back({index, batch.error().detail});
  });
  return bad;
}

std::optional<BadLines::Bad> BadLines::first(const Chunk& chunk) {
  std::optional<Bad> bad;
  for_each_event(chunk, [&](std::size_t index, std::string_view line) {
    if (bad) return;
    const Result<ingest::Batch> batch = read(line);
    if (!batch) {
      bad = {index, batch.error().detail};
    } else if (!batch->errors.empty()) {
      bad = {index, problem_text(batch->errors.front())};
    }
  });
  return bad;
}

Result<ingest::Batch> BadLines::read(std::string_view line) {
  ingest::ReadOptions options;
  options.format = ingest::BodyFormat::kLines;
  options.latest = kLatest;
  return reader_.read(std::string(line), options);
}

std::string problem_text(const ingest::EventError& error) {
  const std::size_t slash = error.pointer.find('/', 1);
  if (slash == std::string::npos) return error.detail;
  return error.pointer.substr(slash) + ": " + error.detail;
}

Chunk without(const Chunk& chunk, const std::vector<BadLines::Bad>& bad) {
  Chunk kept;
  kept.last_line = chunk.last_line;
  kept.digest = chunk.digest;
  auto next = bad.begin();
  for_each_event(chunk, [&](std::size_t index, std::string_view line) {
    if (next != bad.end() && next->index == index) {
      ++next;
      return;
    }
    kept.body.append(line).push_back('\n');
    kept.lines.push_back(chunk.lines[index]);
  });
  return kept;
}

}  // namespace driftguard::cli

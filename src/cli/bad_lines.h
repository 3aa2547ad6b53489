// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/chunk_reader.h"
#include "ingest/batch_reader.h"

namespace driftguard::cli {

// Tells which lines made a server refuse a batch, by reading each with the reader that servers use.
// Not thread-safe.
class BadLines final {
 public:
  struct Bad {
    std::size_t index;  // Of the event in the chunk.
    std::string detail;
  };

  // The lines that are no JSON, in order.
  std::vector<Bad> find(const Chunk& chunk);
  // The first line that is no JSON or no event; empty when there is none.
  std::optional<Bad> first(const Chunk& chunk);

 private:
  Result<ingest::Batch> read(std::string_view line);

  ingest::FeatureRules rules_;
  ingest::BatchReader reader_{rules_};
};

// "/ts: missing": without the event's index, which stands for a line that is named already.
std::string problem_text(const ingest::EventError& error);

// The chunk without some of its events.
Chunk without(const Chunk& chunk, const std::vector<BadLines::Bad>& bad);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "store/rocksdb/row_chunk.h"
#include "store/store.h"

namespace driftguard::store {

// Splits the rows of a commit, whatever order they come in, into chunks. Keeps its memory from
// one commit to the next. Not thread-safe.
class RowChunker final {
 public:
  // The chunk's rows, and the first of them as it came, for the names of its segment.
  using Take = std::function<void(const RawRow& first, std::span<const ChunkRow> rows)>;

  // Row i of `rows` gets the id `first_id + i`. Calls `take` for each chunk.
  void split(std::span<const RawRow> rows, std::uint64_t first_id, const Take& take);

 private:
  struct Place {
    std::uint32_t segment;  // By first appearance.
    std::uint32_t index;
    Time ts;
  };
  using Segments = std::map<std::pair<std::string_view, std::string_view>, std::uint32_t>;

  void sort(std::span<const RawRow> rows);

  std::vector<Place> places_;
  std::vector<ChunkRow> chunk_;
};

}  // namespace driftguard::store

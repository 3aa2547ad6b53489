// SPDX-License-Identifier: Apache-2.0
// Raw events lie in the embedded store by the chunk: rows of one segment that were committed
// together, in the order (ts, id), compressed as one. Events of a segment look alike, so a chunk
// takes a tenth of their bytes in the log, the memtable and the tables, and RocksDB handles one
// key in place of a thousand (docs/decisions/0005).
//
//   chunk  = u8 codec  rows  span_us  plain_bytes  body     body is as it is (0), or zstd (1) of:
//   body   = { ts_delta_us  zigzag id_delta  payload_bytes }*  { payload }*
//
// Numbers are LEB128 varints. Deltas are to the row before; the key holds ts and id of the first
// row (keys.h), and span_us is the way from there to the last. Part of the format on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "store/store.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace driftguard::store {

// All rows of a chunk lie in one stretch of this width, counted from 1970: who reads from a moment
// on begins at the stretch that holds it, and who drops whole stretches splits no chunk.
inline constexpr std::chrono::seconds kChunkStretch = kHistoryStretch;
Time chunk_stretch(Time t);  // The first moment of the stretch that holds `t`.

// A chunk is closed at either; a single larger row has one of its own.
inline constexpr std::size_t kChunkRowsMax = 2000;
inline constexpr std::size_t kChunkBytesMax = 512u << 10;

struct ChunkRow {
  Time ts;
  std::uint64_t id;
  std::string_view payload;
};

struct ChunkExtent {
  std::size_t rows;
  Time last_ts;
};

// Keeps its memory from one chunk to the next. Not thread-safe.
class ChunkEncoder final {
 public:
  ChunkEncoder();
  ~ChunkEncoder();

  // `rows`: one or more, ascending by (ts, id), of one stretch. The bytes live until the next call.
  std::string_view encode(std::span<const ChunkRow> rows);

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, FreeContext> zstd_;
  std::string body_;
  std::string chunk_;
};

// Keeps its memory from one chunk to the next. Not thread-safe.
class ChunkDecoder final {
 public:
  ChunkDecoder();
  ~ChunkDecoder();

  // What the head says, without unpacking the rows. kCorrupt when it is damaged.
  static Result<ChunkExtent> extent(Time first_ts, std::string_view chunk);

  // All rows; views into this object or `chunk`, until the next call. kCorrupt when damaged.
  Result<std::span<const ChunkRow>> decode(Time first_ts, std::uint64_t first_id,
                                           std::string_view chunk);

 private:
  struct FreeContext {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, FreeContext> zstd_;
  std::string body_;
  std::vector<std::size_t> payload_sizes_;
  std::vector<ChunkRow> rows_;
};

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/row_chunk.h"

#include <zstd.h>

#include <cassert>

#include "core/bytes.h"

namespace driftguard::store {
namespace {

constexpr std::uint8_t kPlain = 0;
constexpr std::uint8_t kZstd = 1;
constexpr int kZstdLevel = 1;  // 0.2 us an event of 225 bytes; level 3 saves 5 % more bytes.
// Less is left to the tables' own compression, which sees its neighbours too.
constexpr std::size_t kCompressedBytesMin = 1024;
// No row is larger than a request may be; a damaged head must not ask for more.
constexpr std::size_t kPlainBytesMax = 1u << 30;
constexpr std::size_t kLeastBytesPerRow = 3;

struct Head {
  std::uint8_t codec = 0;
  std::uint64_t rows = 0;
  std::uint64_t span_us = 0;
  std::uint64_t plain_bytes = 0;
  std::string_view body;
};

Error corrupt() { return {ErrorCode::kCorrupt, "A chunk of stored events is damaged."}; }

Result<Head> read_head(std::string_view chunk) {
  ByteReader reader(chunk);
  Head head;
  head.codec = reader.u8();
  head.rows = reader.varint();
  head.span_us = reader.varint();
  head.plain_bytes = reader.varint();
  const bool sound = reader.ok() && head.codec <= kZstd && head.rows > 0 &&
                     head.plain_bytes <= kPlainBytesMax &&
                     head.rows <= head.plain_bytes / kLeastBytesPerRow;
  if (!sound) return corrupt();
  head.body = chunk.substr(chunk.size() - reader.left());
  return head;
}

}  // namespace

Time chunk_stretch(Time t) {
  using Stretch = std::chrono::duration<std::int64_t, std::ratio<kChunkStretch.count()>>;
  if (t < Time::min() + kChunkStretch) return Time::min();  // The floor would overflow.
  return std::chrono::floor<Stretch>(t);
}

ChunkEncoder::ChunkEncoder() : zstd_(ZSTD_createCCtx()) {}
ChunkEncoder::~ChunkEncoder() = default;
void ChunkEncoder::FreeContext::operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }

std::string_view ChunkEncoder::encode(std::span<const ChunkRow> rows) {
  assert(!rows.empty() && chunk_stretch(rows.front().ts) == chunk_stretch(rows.back().ts));
  body_.clear();
  ByteWriter body(body_);
  const ChunkRow* before = &rows.front();
  for (const ChunkRow& row : rows) {
    assert(std::pair(before->ts, before->id) <= std::pair(row.ts, row.id));
    body.varint(static_cast<std::uint64_t>((row.ts - before->ts).count()));
    body.zigzag(static_cast<std::int64_t>(row.id - before->id));
    body.varint(row.payload.size());
    before = &row;
  }
  for (const ChunkRow& row : rows) body_.append(row.payload);

  chunk_.clear();
  ByteWriter chunk(chunk_);
  const bool compressed = body_.size() >= kCompressedBytesMin && zstd_ != nullptr;
  chunk.u8(compressed ? kZstd : kPlain);
  chunk.varint(rows.size());
  chunk.varint(static_cast<std::uint64_t>((rows.back().ts - rows.front().ts).count()));
  chunk.varint(body_.size());
  if (!compressed) return chunk_.append(body_);
  const std::size_t head = chunk_.size();
  chunk_.resize(head + ZSTD_compressBound(body_.size()));
  const std::size_t packed =
      ZSTD_compressCCtx(zstd_.get(), chunk_.data() + head, chunk_.size() - head, body_.data(),
                        body_.size(), kZstdLevel);
  assert(!ZSTD_isError(packed));  // There is room for the worst case.
  chunk_.resize(head + packed);
  return chunk_;
}

ChunkDecoder::ChunkDecoder() : zstd_(ZSTD_createDCtx()) {}
ChunkDecoder::~ChunkDecoder() = default;
void ChunkDecoder::FreeContext::operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }

Result<ChunkExtent> ChunkDecoder::extent(Time first_ts, std::string_view chunk) {
  const Result<Head> head = read_head(chunk);
  if (!head) return head.error();
  return ChunkExtent{head->rows, first_ts + Microseconds(static_cast<std::int64_t>(head->span_us))};
}

Result<std::span<const ChunkRow>> ChunkDecoder::decode(Time first_ts, std::uint64_t first_id,
                                                       std::string_view chunk) {
  const Result<Head> head = read_head(chunk);
  if (!head) return head.error();
  std::string_view body = head->body;
  if (head->codec == kZstd) {
    body_.resize(head->plain_bytes);
    const std::size_t size =
        ZSTD_decompressDCtx(zstd_.get(), body_.data(), body_.size(), body.data(), body.size());
    if (ZSTD_isError(size) || size != head->plain_bytes) return corrupt();
    body = body_;
  }
  if (body.size() != head->plain_bytes) return corrupt();

  rows_.clear();
  rows_.reserve(head->rows);
  ByteReader reader(body);
  payload_sizes_.clear();
  Time ts = first_ts;
  std::uint64_t id = first_id;
  for (std::uint64_t i = 0; i < head->rows; ++i) {
    ts += Microseconds(static_cast<std::int64_t>(reader.varint()));
    id += static_cast<std::uint64_t>(reader.zigzag());
    payload_sizes_.push_back(reader.varint());
    rows_.push_back({ts, id, {}});
  }
  if (!reader.ok()) return corrupt();
  std::string_view payloads = body.substr(body.size() - reader.left());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (payload_sizes_[i] > payloads.size()) return corrupt();
    rows_[i].payload = payloads.substr(0, payload_sizes_[i]);
    payloads.remove_prefix(payload_sizes_[i]);
  }
  if (!payloads.empty()) return corrupt();
  return std::span<const ChunkRow>(rows_);
}

}  // namespace driftguard::store

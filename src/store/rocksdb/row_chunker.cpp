// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/row_chunker.h"

#include <algorithm>
#include <tuple>

namespace driftguard::store {
namespace {

bool same_segment(const RawRow& a, const RawRow& b) {
  const auto same = [](std::string_view x, std::string_view y) {
    return x.data() == y.data() ? x.size() == y.size() : x == y;
  };
  return same(a.service, b.service) && same(a.endpoint, b.endpoint);
}

}  // namespace

void RowChunker::sort(std::span<const RawRow> rows) {
  Segments segments;
  std::uint32_t segment = 0;
  places_.clear();
  places_.reserve(rows.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || !same_segment(rows[i - 1], rows[i])) {
      const auto next = static_cast<std::uint32_t>(segments.size());
      segment = segments.try_emplace({rows[i].service, rows[i].endpoint}, next).first->second;
    }
    places_.push_back({segment, i, rows[i].ts});
  }
  const auto before = [](const Place& a, const Place& b) {
    return std::tie(a.segment, a.ts, a.index) < std::tie(b.segment, b.ts, b.index);
  };
  if (!std::is_sorted(places_.begin(), places_.end(), before)) {
    std::sort(places_.begin(), places_.end(), before);
  }
}

void RowChunker::split(std::span<const RawRow> rows, std::uint64_t first_id, const Take& take) {
  sort(rows);
  for (std::size_t i = 0; i < places_.size();) {
    const Place& first = places_[i];
    chunk_.clear();
    std::size_t bytes = 0;
    for (; i < places_.size() && chunk_.size() < kChunkRowsMax; ++i) {
      const Place& place = places_[i];
      const std::string_view payload = rows[place.index].payload;
      const bool fits = place.segment == first.segment &&
                        chunk_stretch(place.ts) == chunk_stretch(first.ts) &&
                        (chunk_.empty() || bytes + payload.size() <= kChunkBytesMax);
      if (!fits) break;
      chunk_.push_back({place.ts, first_id + place.index, payload});
      bytes += payload.size();
    }
    take(rows[first.index], chunk_);
  }
}

}  // namespace driftguard::store

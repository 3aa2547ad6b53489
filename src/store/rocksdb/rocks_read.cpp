// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>

#include "core/bytes.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/rocksdb/row_page.h"

namespace driftguard::store {
namespace {

Error damaged_key(std::string_view family) {
  return {ErrorCode::kCorrupt, "A key of the family " + std::string(family) + " is damaged."};
}

// The keys a filter allows: from `lower` up to, and without, `upper` (empty: to the end).
struct KeyRange {
  std::string lower;
  std::string upper;
};

KeyRange keys_of(std::optional<std::string_view> service,
                 std::optional<std::string_view> endpoint) {
  if (!service) return {};
  std::string prefix = std::string(*service) + '\0';
  if (endpoint) (prefix += *endpoint).push_back('\0');
  return {prefix, behind_prefix(prefix)};
}

std::optional<std::string> behind_all(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::string seek_key(std::string_view prefix, Time t) {
  std::string key(prefix);
  append_time(key, t);
  return key;
}

// Where the page asked for begins: rows before this are not on it.
RowCursor page_begin(const RowQuery& query) {
  if (!query.after || query.after->ts < query.range.from) return {query.range.from, 0};
  return {query.after->ts, query.after->id + 1};
}

// Adds a chunk's rows that are wanted, from `begin` on; chunks may overlap in time.
void add_wanted(const SegmentKey& segment, std::span<const ChunkRow> rows, const RowCursor& begin,
                Time to, RowPageBuilder& page) {
  for (const ChunkRow& row : rows) {
    const RowCursor at{row.ts, row.id};
    if (at < begin) continue;
    if (at.ts >= to || !page.wants(at)) return;
    page.add({.ts = at.ts,
              .id = at.id,
              .service = std::string(segment.service),
              .endpoint = std::string(segment.endpoint),
              .host = std::nullopt,
              .payload = std::string(row.payload)});
  }
}

}  // namespace

// Both walks below jump from segment to segment: at the first key of one, seek to its part of
// the time; behind it, seek to the least key behind all of its keys.
Result<void> RocksStore::read_rollups(const SegmentFilter& filter, TimeRange range,
                                      const RollupVisitor& visit) {
  const KeyRange keys = keys_of(filter.service, filter.endpoint);
  const rocksdb::Slice upper(keys.upper);
  const auto db = database();
  if (!db) return db.error();
  const Database::Iterator it = (*db)->iterate(Family::kRollup, &upper, true);
  std::string prefix, scratch;
  it->Seek(filter.endpoint ? seek_key(keys.lower, range.from) : keys.lower);
  while (it->Valid()) {
    const auto key = parse_segment_key(it->key().ToStringView(), kRollupRest);
    if (!key) return damaged_key("rollup");
    const Time bucket = read_time(key->rest);
    prefix = key->prefix;
    if (bucket < range.from) {
      it->Seek(seek_key(prefix, range.from));
    } else if (bucket >= range.to) {
      it->Seek(behind_prefix(prefix));
    } else {
      const auto summary = merge_->read(it->value().ToStringView(), scratch);
      if (!summary) return summary.error();
      if (!visit(key->endpoint, bucket, *summary)) return {};
      it->Next();
    }
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read rollups");
  return {};
}

Result<RowPage> RocksStore::read_rows(const RowQuery& query) {
  assert(query.service || !query.endpoint);
  const KeyRange keys = keys_of(query.service, query.endpoint);
  const rocksdb::Slice upper(keys.upper);
  const auto db = database();
  if (!db) return db.error();
  const Database::Iterator it = (*db)->iterate(Family::kRaw, &upper, false);
  RowPageBuilder page(query);
  ChunkDecoder decoder;
  const RowCursor begin = page_begin(query);
  // A chunk lies in one stretch: none that begins earlier has rows from `begin` on.
  const Time stretch = chunk_stretch(begin.ts);
  it->Seek(query.endpoint ? seek_key(keys.lower, stretch) : keys.lower);
  while (it->Valid()) {
    const auto key = parse_segment_key(it->key().ToStringView(), kRawRest);
    if (!key) return damaged_key("raw");
    const RowCursor first{read_time(key->rest.substr(0, 8)), read_id(key->rest.substr(8))};
    if (first.ts < stretch) {
      it->Seek(seek_key(key->prefix, stretch));
    } else if (first.ts >= query.range.to || (first >= begin && !page.wants(first))) {
      it->Seek(behind_prefix(std::string(key->prefix)));
    } else {
      const std::string_view chunk = it->value().ToStringView();
      const auto extent = ChunkDecoder::extent(first.ts, chunk);
      if (!extent) return extent.error();
      if (extent->last_ts >= begin.ts) {
        const auto rows = decoder.decode(first.ts, first.id, chunk);
        if (!rows) return rows.error();
        add_wanted(*key, *rows, begin, query.range.to, page);
      }
      it->Next();
    }
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read events");
  return page.finish();
}

Result<std::vector<SegmentName>> RocksStore::list_segments(std::string_view service) {
  const KeyRange keys =
      keys_of(service.empty() ? std::nullopt : std::optional(service), std::nullopt);
  const rocksdb::Slice upper(keys.upper);
  const auto db = database();
  if (!db) return db.error();
  const Database::Iterator it = (*db)->iterate(Family::kRollup, &upper, true);
  std::vector<SegmentName> segments;
  it->Seek(keys.lower);
  while (it->Valid()) {
    const auto key = parse_segment_key(it->key().ToStringView(), kRollupRest);
    if (!key) return damaged_key("rollup");
    segments.push_back({std::string(key->service), std::string(key->endpoint)});
    it->Seek(behind_prefix(std::string(key->prefix)));
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot list segments");
  return segments;
}

Result<std::optional<StoredAnswer>> RocksStore::find_answer(std::string_view key) {
  const auto db = database();
  if (!db) return db.error();
  const auto bytes = (*db)->get(Family::kAnswers, answer_key(key));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<StoredAnswer>();
  ByteReader reader(**bytes);
  StoredAnswer answer{.key = std::string(key), .fingerprint = {}, .answer = {}, .expires_at = {}};
  answer.expires_at = time_from_us(reader.zigzag());
  answer.fingerprint = reader.text();
  answer.answer = reader.text();
  if (!reader.done()) return Error{ErrorCode::kCorrupt, "A stored answer is damaged."};
  return std::optional(std::move(answer));
}

Result<std::optional<std::string>> RocksStore::get_document(std::string_view key) {
  const auto db = database();
  if (!db) return db.error();
  return (*db)->get(Family::kDocuments, key);
}

Result<std::vector<std::string>> RocksStore::list_documents(std::string_view prefix) {
  const std::string behind = behind_all(std::string(prefix)).value_or("");
  const rocksdb::Slice upper(behind);
  const auto db = database();
  if (!db) return db.error();
  const Database::Iterator it = (*db)->iterate(Family::kDocuments, &upper, true);
  std::vector<std::string> keys;
  for (it->Seek(prefix); it->Valid(); it->Next()) keys.push_back(it->key().ToString());
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot list documents");
  return keys;
}

Figures RocksStore::figures() {
  Figures figures{
      {"commits", static_cast<double>(commits_.load())},
      {"commit_failures", static_cast<double>(commit_failures_.load())},
      {"commit_seconds", static_cast<double>(commit_us_.load()) / 1e6},
      {"sums_made", static_cast<double>(sums_made_.load())},
      {"sums_voided", static_cast<double>(sums_voided_.load())},
      {"background_hold_seconds_max", static_cast<double>(background_us_max_.load()) / 1e6}};
  const auto db = database();
  if (!db) return figures;
  rocksdb::DB& rocks = (*db)->rocks();
  const auto sum = [&](const std::string& property) {
    std::uint64_t value = 0;
    rocks.GetAggregatedIntProperty(property, &value);
    return static_cast<double>(value);
  };
  std::uint64_t chunks = 0;
  rocks.GetIntProperty((*db)->family(Family::kRaw), rocksdb::DB::Properties::kEstimateNumKeys,
                       &chunks);
  std::uint64_t wal_bytes = 0;
  rocksdb::VectorLogPtr wals;
  if (rocks.GetSortedWalFiles(wals).ok()) {
    for (const auto& wal : wals) wal_bytes += wal->SizeFileBytes();
  }
  using P = rocksdb::DB::Properties;
  figures.merge(Figures{{"wal_bytes", static_cast<double>(wal_bytes)},
                        {"memtable_bytes", sum(P::kSizeAllMemTables)},
                        {"block_cache_bytes", static_cast<double>(cache_->GetUsage())},
                        {"sst_bytes", sum(P::kTotalSstFilesSize)},
                        {"live_sst_bytes", sum(P::kLiveSstFilesSize)},
                        {"keys_estimated", sum(P::kEstimateNumKeys)},
                        {"raw_chunks_estimated", static_cast<double>(chunks)},
                        {"pending_compaction_bytes", sum(P::kEstimatePendingCompactionBytes)},
                        {"background_errors", sum(P::kBackgroundErrors)}});
  return figures;
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// Reading kept sums (sums.h), and buckets where there are none.
#include <rocksdb/snapshot.h>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/sums.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kSumRest = 1 + 8;  // Width and time.

// One read_sums(): a walk over each kind of keys, all at one moment.
class SumWalk final {
 public:
  SumWalk(Database& database, const SummaryMerge& merge, const std::string& upper,
          const SumVisitor& visit)
      : database_(database),
        merge_(merge),
        snapshot_(&database.rocks()),
        upper_(upper),
        visit_(visit) {}

  Database::Iterator segments() {
    return database_.iterate(Family::kRollup, &upper_, true, snapshot_.snapshot());
  }
  // False when the visitor has had enough.
  Result<bool> read(std::string_view prefix, std::string_view endpoint, TimeRange range) {
    prefix_ = prefix;
    endpoint_ = endpoint;
    return read_level(kSumWidths.size(), range);
  }

 private:
  // Sums of width kSumWidths[level - 1], and what the level below has between them.
  Result<bool> read_level(std::size_t level, TimeRange range) {
    if (range.from >= range.to) return true;
    if (level == 0) return read_buckets(range);
    const std::chrono::seconds width = kSumWidths[level - 1];
    if (range.from + width > range.to) return read_level(level - 1, range);
    rocksdb::Iterator& it = walk(level);
    for (it.Seek(sum_key(prefix_, width, range.from)); it.Valid(); it.Next()) {
      const auto key = parse_segment_key(it.key().ToStringView(), kSumRest);
      if (!key) return Error{ErrorCode::kCorrupt, "A key of the family sums is damaged."};
      const Time begins = read_time(key->rest.substr(1));
      const bool of_width = it.key().ToStringView() == sum_key(prefix_, width, begins);
      if (!of_width || begins + width > range.to) break;
      const auto before = read_level(level - 1, {range.from, begins});
      if (!before || !*before) return before;
      if (!visit_(endpoint_, begins, width, it.value().ToStringView())) return false;
      range.from = begins + width;
    }
    if (!it.status().ok()) return rocks_error(it.status(), "Cannot read sums");
    return read_level(level - 1, range);
  }

  Result<bool> read_buckets(TimeRange range) {
    rocksdb::Iterator& it = walk(0);
    std::string key = prefix_;
    append_time(key, range.from);
    for (it.Seek(key); it.Valid(); it.Next()) {
      const auto at = parse_segment_key(it.key().ToStringView(), kRollupRest);
      if (!at) return Error{ErrorCode::kCorrupt, "A key of the family rollup is damaged."};
      const Time bucket = read_time(at->rest);
      if (at->prefix != prefix_ || bucket >= range.to) break;
      const auto summary = merge_.read(it.value().ToStringView(), scratch_);
      if (!summary) return summary.error();
      if (!visit_(endpoint_, bucket, std::chrono::seconds(0), *summary)) return false;
    }
    if (!it.status().ok()) return rocks_error(it.status(), "Cannot read rollups");
    return true;
  }

  rocksdb::Iterator& walk(std::size_t level) {
    Database::Iterator& it = walks_[level];
    const Family family = level == 0 ? Family::kRollup : Family::kSums;
    if (!it) it = database_.iterate(family, &upper_, true, snapshot_.snapshot());
    return *it;
  }

  Database& database_;
  const SummaryMerge& merge_;
  rocksdb::ManagedSnapshot snapshot_;
  const rocksdb::Slice upper_;
  const SumVisitor& visit_;
  std::array<Database::Iterator, kSumWidths.size() + 1> walks_;  // Made when first needed.
  std::string prefix_, endpoint_, scratch_;
};

}  // namespace

Result<void> RocksStore::read_sums(const SegmentFilter& filter, TimeRange range,
                                   const SumVisitor& visit) {
  const auto db = database();
  if (!db) return db.error();
  std::string lower = filter.service + '\0';
  if (filter.endpoint) (lower += *filter.endpoint).push_back('\0');
  const std::string upper = behind_prefix(lower);
  SumWalk walk(**db, *merge_, upper, visit);
  if (filter.endpoint) {
    const auto read = walk.read(lower, *filter.endpoint, range);
    return read ? Result<void>() : read.error();
  }
  const Database::Iterator it = walk.segments();
  for (it->Seek(lower); it->Valid();) {
    const auto key = parse_segment_key(it->key().ToStringView(), kRollupRest);
    if (!key) return Error{ErrorCode::kCorrupt, "A key of the family rollup is damaged."};
    const auto read = walk.read(key->prefix, key->endpoint, range);
    if (!read) return read.error();
    if (!*read) return {};
    it->Seek(behind_prefix(std::string(key->prefix)));
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read rollups");
  return {};
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// What goes on behind commits: merging the parts of buckets, making sums (sums.h). A step reads
// and merges without the write mutex, under a Watch, and holds the mutex only to write what it
// has: a commit waits for a few hundred kilobytes at most, or for one summary larger than that.
#include <algorithm>
#include <cassert>

#include "store/part_sum.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/sums.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kCompactStep = 16;       // Buckets rewritten at once.
constexpr std::size_t kSumStep = 64;           // Sums written at once.
constexpr std::size_t kStepBytes = 256 << 10;  // Of either.

}  // namespace

RocksStore::Watch::Watch(RocksStore& store, std::string segment, TimeRange range)
    : store_(store), segment_(std::move(segment)), range_(range) {
  const std::lock_guard lock(store_.write_mutex_);
  place_ = store_.watches_.insert(store_.watches_.end(), this);
}

RocksStore::Watch::~Watch() {
  const std::lock_guard lock(store_.write_mutex_);
  store_.watches_.erase(place_);
}

void RocksStore::Watch::see(std::string_view segment, Time bucket) {
  if (range_.contains(bucket) && segment == segment_) touched_ = true;
}

void RocksStore::Watch::see(std::string_view segment, TimeRange buckets) {
  const bool apart = buckets.to <= range_.from || range_.to <= buckets.from;
  if (!apart && segment == segment_) touched_ = true;
}

RocksStore::BackgroundLock::~BackgroundLock() {
  const auto held = std::chrono::steady_clock::now() - begin_;
  const std::int64_t us = std::chrono::duration_cast<Microseconds>(held).count();
  if (us > store_.background_us_max_.load()) store_.background_us_max_.store(us);
}

// RocksDB merges operands by itself in flushes and compactions. This only spares readers of a
// bucket that has just closed the merging until then, so one pass over each bucket is enough:
// deltas that arrive later still stay operands until RocksDB comes by.
Result<std::size_t> RocksStore::compact(Time before) {
  const std::lock_guard one_at_a_time(compact_mutex_);
  if (before <= compacted_until_) return std::size_t{0};
  const auto segments = list_segments("");
  if (!segments) return segments.error();
  std::size_t gone = 0;
  for (const SegmentName& segment : *segments) {
    const auto merged = compact_segment(segment, before);
    if (!merged) return merged.error();
    gone += *merged;
  }
  const BackgroundLock lock(*this);
  if (auto writable = make_writable(); !writable) return writable.error();
  std::string until;
  append_time(until, before);
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(Family::kMeta), kCompactedUntilKey, until);
  if (auto written = database_->write(batch); !written) return written.error();
  compacted_until_ = before;
  return gone;
}

Result<std::size_t> RocksStore::compact_segment(const SegmentName& segment, Time before) {
  std::string prefix;
  append_segment(prefix, segment.service, segment.endpoint);
  Time from = compacted_until_;
  std::size_t gone = 0;
  while (from < before) {
    std::vector<Derived> merged;
    const auto next = merge_buckets(prefix, {from, before}, merged);
    if (!next) return next.error();
    const auto put = put_buckets(merged);
    if (!put) return put.error();
    gone += *put;
    from = *next;
  }
  return gone;
}

// Merges buckets from the beginning of the range until there is enough to write; gives where to go
// on. Left out are buckets of one summary, and those whose parts do not merge.
Result<Time> RocksStore::merge_buckets(const std::string& segment, TimeRange range,
                                       std::vector<Derived>& merged) {
  const auto db = database();
  if (!db) return db.error();
  const auto watch = std::make_shared<Watch>(*this, segment, range);
  std::string key = segment, upper_key = segment;
  append_time(key, range.from);
  append_time(upper_key, range.to);
  const rocksdb::Slice upper(upper_key);
  const Database::Iterator it = (*db)->iterate(Family::kRollup, &upper, false);
  std::size_t bytes = 0;
  for (it->Seek(key); it->Valid() && bytes < kStepBytes && merged.size() < kCompactStep;
       it->Next()) {
    const auto parts = parts_of(**db, it->key());
    if (!parts) return parts.error();
    if (*parts < 2 || it->value().empty() || it->value()[0] != kWhole) continue;
    bytes += it->value().size();
    merged.push_back({watch, it->key().ToString(), it->value().ToString(), *parts, {}});
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read rollups");
  if (!it->Valid()) return range.to;
  return read_time(it->key().ToStringView().substr(segment.size()));
}

Result<std::size_t> RocksStore::parts_of(Database& database, const rocksdb::Slice& key) {
  rocksdb::GetMergeOperandsOptions only_count;
  only_count.expected_max_number_of_operands = 1;
  rocksdb::PinnableSlice operand;
  int parts = 0;
  const rocksdb::Status counted = database.rocks().GetMergeOperands(
      rocksdb::ReadOptions(), database.family(Family::kRollup), key, &operand, &only_count, &parts);
  if (counted.ok() || counted.IsIncomplete()) return static_cast<std::size_t>(parts);
  return rocks_error(counted, "Cannot read a rollup");
}

// Gives how many parts went away.
Result<std::size_t> RocksStore::put_buckets(const std::vector<Derived>& merged) {
  std::size_t gone = 0;
  if (merged.empty()) return gone;
  const BackgroundLock lock(*this);
  if (auto writable = make_writable(); !writable) return writable.error();
  rocksdb::WriteBatch batch;
  for (const Derived& bucket : merged) {
    if (bucket.watch->touched()) continue;
    batch.Put(database_->family(Family::kRollup), bucket.key, bucket.value);
    gone += bucket.parts - 1;
  }
  if (gone == 0) return gone;
  if (auto written = database_->write(batch); !written) return written.error();
  return gone;
}

Result<std::size_t> RocksStore::make_sums(Time before, std::size_t limit) {
  const std::lock_guard one_at_a_time(sums_mutex_);
  const auto due = due_stretches(before, limit);
  if (!due) return due.error();
  std::optional<Error> failed;
  std::vector<Derived> made;
  std::size_t bytes = 0;
  for (const StaleStretch& stretch : *due) {
    // An hour is read as minutes, once they are there.
    const bool wider = !made.empty() && made.front().stretch.width < stretch.width;
    if (wider || bytes >= kStepBytes || made.size() == kSumStep) {
      if (auto put = put_sums(made); !put) return put.error();
      bytes = 0;
    }
    auto watch = std::make_shared<Watch>(*this, stretch.segment,
                                         TimeRange{stretch.begins, stretch.begins + stretch.width});
    auto sum = sum_of(stretch);
    if (!sum && sum.error().code != ErrorCode::kCorrupt) return sum.error();
    if (!sum) failed = sum.error();
    std::string value = sum && *sum ? *std::move(*sum) : std::string();
    bytes += value.size();
    made.push_back({std::move(watch), sum_key(stretch.segment, stretch.width, stretch.begins),
                    std::move(value), 0, stretch});
  }
  if (auto put = put_sums(made); !put) return put.error();
  if (failed) return *failed;
  return due->size();
}

Result<std::vector<StaleStretch>> RocksStore::due_stretches(Time before, std::size_t limit) {
  Time from;
  {
    const BackgroundLock lock(*this);
    from = stale_.take_front();
  }
  std::vector<StaleStretch> due;
  const Result<void> read = read_stale(from, before, limit, due);
  // Before the front lie only tombstones, which a walk would have to pass.
  Time front = from;
  if (read) front = due.empty() ? std::max(from, before) : due.front().begins + due.front().width;
  const BackgroundLock lock(*this);
  stale_.put_front(front);
  if (!read) return read.error();
  return due;
}

Result<void> RocksStore::read_stale(Time from, Time before, std::size_t limit,
                                    std::vector<StaleStretch>& due) {
  const auto db = database();
  if (!db) return db.error();
  const Database::Iterator it = (*db)->iterate(Family::kStale, nullptr, false);
  std::string begin;
  append_time(begin, from);
  for (it->Seek(begin); it->Valid() && due.size() < limit; it->Next()) {
    auto stretch = parse_stale_key(it->key().ToStringView());
    if (!stretch) return Error{ErrorCode::kCorrupt, "A key of the family stale is damaged."};
    if (stretch->begins + stretch->width > before) break;
    due.push_back(*std::move(stretch));
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read stale sums");
  return {};
}

// kCorrupt when the summaries do not merge; empty when there are none any more.
Result<std::optional<std::string>> RocksStore::sum_of(const StaleStretch& stretch) {
  const auto names = parse_segment_key(stretch.segment, 0);
  assert(names);
  PartSum sum(merge_->merge());
  Result<void> added;
  const auto read = read_sums({std::string(names->service), std::string(names->endpoint)},
                              {stretch.begins, stretch.begins + stretch.width},
                              [&](auto, auto, auto, std::string_view summary) {
                                added = sum.add(summary);
                                return added.has_value();
                              });
  if (!read) return read.error();
  if (!added) return added.error();
  return sum.take();
}

// Stores the sums that nobody touched and strikes them off the list; the others stay on it.
// Leaves `made` empty.
Result<void> RocksStore::put_sums(std::vector<Derived>& made) {
  if (made.empty()) return {};
  Result<void> written;
  {
    const BackgroundLock lock(*this);
    if (auto writable = make_writable(); !writable) return writable;
    rocksdb::WriteBatch batch;
    for (const Derived& sum : made) {
      if (sum.watch->touched()) continue;
      const StaleStretch& stretch = sum.stretch;
      const std::string listed = stale_key(stretch.segment, stretch.width, stretch.begins);
      batch.Delete(database_->family(Family::kStale), listed);
      stale_.remove(listed, stretch.begins + stretch.width);
      if (sum.value.empty()) continue;
      batch.Put(database_->family(Family::kSums), sum.key, sum.value);
      sums_made_.fetch_add(1);
    }
    std::string until;
    append_time(until, stale_.summed_until());
    batch.Put(database_->family(Family::kMeta), kSummedUntilKey, until);
    written = database_->write(batch);
    if (!written) stale_.forget();
  }
  made.clear();
  return written;
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// Dropping what is old: one range tombstone a segment, written where nobody else writes, so a
// commit waits for one small write however much goes. The walk that counts holds no lock. Table
// files that hold nothing else go at once; what shares a file with younger rows goes when RocksDB
// rewrites that file, by itself or in reclaim().
#include <rocksdb/convenience.h>

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <limits>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/rocksdb/row_chunk.h"
#include "store/sums.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kTombstonesAtOnce = 256;
constexpr std::size_t kSegmentsAtOnce = 4096;  // Looked at in one step.
constexpr std::size_t kSegmentsWeighed = 256;  // The heaviest; the others are taken to be alike.
// A rewriting is worth it once this part of the tables, an eighth, is garbage: to free a byte then
// costs seven that are written again.
constexpr std::uint64_t kWorthShare = 8;
constexpr std::uint64_t kLeastShare = 64;  // Less is not worth it even when space is wanted.
constexpr std::size_t kGapsSingly = 64;
constexpr Microseconds kCutPrecision = std::chrono::milliseconds(1);

Family family_of(History what) { return what == History::kRows ? Family::kRaw : Family::kRollup; }
std::size_t rest_of(History what) { return what == History::kRows ? kRawRest : kRollupRest; }

Error damaged_key() { return {ErrorCode::kCorrupt, "A key is damaged."}; }

std::string key_at(std::string_view prefix, Time t) {
  std::string key(prefix);
  append_time(key, t);
  return key;
}

Time time_of(const SegmentKey& key) { return read_time(key.rest.substr(0, 8)); }

// How many rows or rollups a key stands for. A damaged chunk counts as one row and goes too.
std::size_t size_of(History what, Time at, std::string_view value) {
  if (what == History::kRollups) return 1;
  const auto extent = ChunkDecoder::extent(at, value);
  return extent ? extent->rows : 1;
}

// Walks the keys of one segment from where `it` stands up to `before`: about `limit` rows or
// rollups of them, but all of the last stretch. Gives how many, and where the walk ended.
struct Walked {
  std::size_t count = 0;
  Time until;
  bool cut_short = false;
};
Walked walk_until(rocksdb::Iterator& it, std::string_view prefix, const DropStep& step,
                  std::size_t limit) {
  Walked walked{.count = 0, .until = step.before, .cut_short = false};
  const std::string end = key_at(prefix, step.before);
  Time stretch = Time::min();  // Of the key before.
  for (; it.Valid() && it.key().ToStringView() < std::string_view(end); it.Next()) {
    const Time at = read_time(it.key().ToStringView().substr(prefix.size(), 8));
    if (walked.count >= limit && chunk_stretch(at) != stretch) {
      walked.until = chunk_stretch(at);
      walked.cut_short = true;
      return walked;
    }
    stretch = chunk_stretch(at);
    walked.count += size_of(step.what, at, it.value().ToStringView());
  }
  return walked;
}

// What one step drops: a range a segment, from its first key there is (tombstones that do not
// overlap stay cheap, however many steps a segment takes).
using KeyRanges = std::vector<std::pair<std::string, std::string>>;
Result<Dropped> walk_step(const Database& database, const DropStep& step, KeyRanges* ranges) {
  const Database::Iterator it = database.iterate(family_of(step.what), nullptr, false);
  std::string prefix;
  if (step.from) append_segment(prefix, step.from->service, step.from->endpoint);
  Dropped dropped;
  std::size_t looked = 0;
  for (it->Seek(prefix); it->Valid(); ++looked) {
    const auto key = parse_segment_key(it->key().ToStringView(), rest_of(step.what));
    if (!key) return damaged_key();
    const bool enough = dropped.count >= step.limit || ranges->size() >= kTombstonesAtOnce;
    if (enough || looked >= kSegmentsAtOnce) {
      dropped.next = {std::string(key->service), std::string(key->endpoint)};
      break;
    }
    prefix = key->prefix;
    const Time first = time_of(*key);
    if (first < step.before) {
      const Walked walked = walk_until(*it, prefix, step, step.limit - dropped.count);
      dropped.count += walked.count;
      ranges->emplace_back(key_at(prefix, first), key_at(prefix, walked.until));
      if (walked.cut_short) continue;
    }
    it->Seek(behind_prefix(prefix));
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read what is to be dropped");
  return dropped;
}

// What the tables hold of these ranges, in bytes, by their indexes.
std::vector<std::uint64_t> approximate_sizes(const Database& database, History what,
                                             const std::vector<rocksdb::Range>& ranges) {
  std::vector<std::uint64_t> sizes(ranges.size());
  const rocksdb::SizeApproximationOptions tables_alone;
  const rocksdb::Status status = database.rocks().GetApproximateSizes(
      tables_alone, database.family(family_of(what)), ranges.data(),
      static_cast<int>(ranges.size()), sizes.data());
  if (!status.ok()) std::fill(sizes.begin(), sizes.end(), 0);
  return sizes;
}

// What a segment has, from its first row or bucket to its last.
struct SegmentSpan {
  std::string prefix;
  Time first;
  Time last;
  std::uint64_t bytes = 0;  // In tables, once weighed.
};

// Two seeks a segment.
Result<std::vector<SegmentSpan>> find_spans(const Database& database, History what) {
  const Database::Iterator it = database.iterate(family_of(what), nullptr, false);
  std::vector<SegmentSpan> spans;
  for (it->SeekToFirst(); it->Valid();) {
    const auto first = parse_segment_key(it->key().ToStringView(), rest_of(what));
    if (!first) return damaged_key();
    SegmentSpan span{std::string(first->prefix), time_of(*first), {}, 0};
    const std::string behind = behind_prefix(span.prefix);
    it->SeekForPrev(behind);
    if (!it->Valid()) break;
    const auto last = parse_segment_key(it->key().ToStringView(), rest_of(what));
    if (!last) return damaged_key();
    span.last = time_of(*last);
    spans.push_back(std::move(span));
    it->Seek(behind);
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot look for segments");
  return spans;
}

// What lies before `t`. Fills in the spans' bytes as well.
std::uint64_t size_before(const Database& database, History what, std::span<SegmentSpan> spans,
                          Time t) {
  std::vector<std::string> edges;
  edges.reserve(2 * spans.size());
  std::vector<rocksdb::Range> ranges;
  for (const SegmentSpan& span : spans) {
    const std::string& begin = edges.emplace_back(key_at(span.prefix, span.first));
    const std::string& end = edges.emplace_back(key_at(span.prefix, std::max(t, span.first)));
    ranges.emplace_back(begin, end);
  }
  const std::vector<std::uint64_t> sizes = approximate_sizes(database, what, ranges);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) sum += spans[i].bytes = sizes[i];
  return sum;
}

// Between the segments' spans nothing lives: what the tables hold there is garbage.
struct Gap {
  std::string begin;
  std::string end;
  std::uint64_t bytes = 0;
};
std::vector<Gap> find_gaps(const Database& database, History what,
                           std::span<const SegmentSpan> spans) {
  std::vector<Gap> gaps(1);
  for (const SegmentSpan& span : spans) {
    gaps.back().end = key_at(span.prefix, span.first);
    gaps.push_back({key_at(span.prefix, span.last + Microseconds(1)), "", 0});
  }
  gaps.back().end = std::string(4, '\xff');  // Behind all names, which are UTF-8.
  std::vector<rocksdb::Range> ranges;
  for (const Gap& gap : gaps) ranges.emplace_back(gap.begin, gap.end);
  const std::vector<std::uint64_t> sizes = approximate_sizes(database, what, ranges);
  for (std::size_t i = 0; i < gaps.size(); ++i) gaps[i].bytes = sizes[i];
  std::erase_if(gaps, [](const Gap& gap) { return gap.bytes == 0; });
  return gaps;
}

}  // namespace

Result<Dropped> RocksStore::drop(const DropStep& step) {
  assert(chunk_stretch(step.before) == step.before);
  KeyRanges ranges;
  Dropped dropped;
  {
    const auto db = database();
    if (!db) return db.error();
    auto walked = walk_step(**db, step, &ranges);
    if (!walked) return walked;
    dropped = *std::move(walked);
  }
  if (ranges.empty()) return dropped;
  if (auto done = drop_ranges(step.what, ranges); !done) return done.error();
  return dropped;
}

// A range begins with a time, never with a whole row key: RocksDB 7.8 gives a tombstone the same
// insert hint as a row whose segment is its key without the last sixteen bytes, but the two live
// in different memtables.
Result<void> RocksStore::drop_ranges(History what,
                                     std::span<const std::pair<std::string, std::string>> keys) {
  std::shared_ptr<Database> db;
  {
    const std::lock_guard lock(write_mutex_);
    if (auto writable = make_writable(); !writable) return writable;
    rocksdb::WriteBatch batch;
    for (const auto& [begin, end] : keys) {
      batch.DeleteRange(database_->family(family_of(what)), begin, end);
      if (what == History::kRollups) void_derived(begin, end, batch);
    }
    if (auto written = database_->write(batch); !written) {
      stale_.forget();
      return written;
    }
    db = database_;
  }
  // Rollups are few, and read at a moment's snapshot, which removed files would break.
  if (what == History::kRollups) return {};
  std::vector<rocksdb::Slice> ends;
  ends.reserve(2 * keys.size());
  std::vector<rocksdb::RangePtr> files;
  for (const auto& [begin, end] : keys) {
    const rocksdb::Slice* first = &ends.emplace_back(begin);
    files.emplace_back(first, &ends.emplace_back(end));
  }
  const rocksdb::Status removed = rocksdb::DeleteFilesInRanges(
      &db->rocks(), db->family(family_of(what)), files.data(), files.size(), false);
  if (!removed.ok()) return rocks_error(removed, "Cannot remove files");
  return {};
}

// Sums over the buckets between two keys of one segment go, and whoever is adding those buckets up
// learns of it. Sums of the stretches that reach behind are to be made again.
void RocksStore::void_derived(const std::string& begin, const std::string& end,
                              rocksdb::WriteBatch& batch) {
  const std::string prefix = begin.substr(0, begin.size() - kRollupRest);
  const TimeRange gone{read_time(std::string_view(begin).substr(prefix.size())),
                       read_time(std::string_view(end).substr(prefix.size()))};
  for (Watch* watch : watches_) watch->see(prefix, gone);
  for (const std::chrono::seconds width : kSumWidths) {
    batch.DeleteRange(database_->family(Family::kSums),
                      sum_key(prefix, width, stretch_of(gone.from, width)),
                      sum_key(prefix, width, gone.to));
  }
  stale_.add(prefix, gone.to - Microseconds(1), *database_, batch);
}

Result<std::optional<Time>> RocksStore::oldest(History what) {
  const auto db = database();
  if (!db) return db.error();
  const auto spans = find_spans(**db, what);
  if (!spans) return spans.error();
  std::optional<Time> oldest;
  for (const SegmentSpan& span : *spans) {
    oldest = std::min(oldest.value_or(Time::max()), span.first);
  }
  return oldest;
}

Result<std::uint64_t> RocksStore::bytes() {
  std::error_code failed;
  std::uint64_t bytes = 0;
  std::filesystem::directory_iterator at(options_.directory, failed);
  for (; !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    std::error_code gone;  // A file may be removed meanwhile.
    const std::uint64_t size = at->file_size(gone);
    if (!gone) bytes += size;
  }
  if (!failed) return bytes;
  return Error{ErrorCode::kUnavailable,
               "Cannot list " + options_.directory + ": " + failed.message() + "."};
}

// A search over time for where the segments' beginnings take that many bytes, by the tables'
// indexes: no row is read.
Result<DropCut> RocksStore::find_cut(History what, std::uint64_t bytes) {
  const auto db = database();
  if (!db) return db.error();
  auto found = find_spans(**db, what);
  if (!found) return found.error();
  std::vector<SegmentSpan>& spans = *found;
  if (spans.empty()) return DropCut{Time::min(), 0};
  Time low = Time::max(), high = Time::min();
  for (const SegmentSpan& span : spans) {
    low = std::min(low, span.first);
    high = std::max(high, span.last + Microseconds(1));
  }
  const std::uint64_t total = size_before(**db, what, spans, high);
  if (total <= bytes) return DropCut{high, total};
  const auto heavier = [](const SegmentSpan& a, const SegmentSpan& b) { return a.bytes > b.bytes; };
  std::sort(spans.begin(), spans.end(), heavier);
  spans.resize(std::min(spans.size(), kSegmentsWeighed));
  const double weighed = static_cast<double>(size_before(**db, what, spans, high));
  const double scale = static_cast<double>(total) / std::max(1.0, weighed);
  DropCut cut{high, total};
  while (cut.before - low > kCutPrecision) {
    const Time middle = low + (cut.before - low) / 2;
    const double size = scale * static_cast<double>(size_before(**db, what, spans, middle));
    if (size < static_cast<double>(bytes)) {
      low = middle;
    } else {
      cut = {middle, static_cast<std::uint64_t>(size)};
    }
  }
  return cut;
}

// The largest gap first, so that the files around it are all that is touched, then what is left;
// all at once where there are many. Rewriting one often takes others along.
Result<void> RocksStore::reclaim(History what, Reclaim when, std::atomic<bool>& stop) {
  const auto db = database();
  if (!db) return db.error();
  rocksdb::ColumnFamilyHandle* family = (*db)->family(family_of(what));
  std::uint64_t waste_before = std::numeric_limits<std::uint64_t>::max();
  while (!stop) {
    const auto spans = find_spans(**db, what);
    if (!spans) return spans.error();
    const std::vector<Gap> gaps = find_gaps(**db, what, *spans);
    std::uint64_t tables = 0, waste = 0;
    (*db)->rocks().GetIntProperty(family, rocksdb::DB::Properties::kLiveSstFilesSize, &tables);
    for (const Gap& gap : gaps) waste += gap.bytes;
    const auto share = when == Reclaim::kNow ? kLeastShare : kWorthShare;
    if (waste == 0 || waste < tables / share || waste >= waste_before) return {};
    waste_before = waste;
    const Gap all{"", std::string(4, '\xff'), waste};
    const auto smaller = [](const Gap& a, const Gap& b) { return a.bytes < b.bytes; };
    const Gap& gap =
        gaps.size() > kGapsSingly ? all : *std::max_element(gaps.begin(), gaps.end(), smaller);
    const rocksdb::Slice begin(gap.begin), end(gap.end);
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.canceled = &stop;
    const rocksdb::Status done = (*db)->rocks().CompactRange(options, family, &begin, &end);
    if (done.IsIncomplete() || done.IsShutdownInProgress()) return {};  // Stopped.
    if (!done.ok()) return rocks_error(done, "Cannot rewrite files");
  }
  return {};
}

}  // namespace driftguard::store

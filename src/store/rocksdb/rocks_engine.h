// SPDX-License-Identifier: Apache-2.0
// The class behind open_rocks_store(). Written in rocks_open.cpp (opening and closing),
// rocks_write.cpp (what callers change), rocks_background.cpp (merging, making sums),
// rocks_read.cpp, rocks_sums.cpp and rocks_retention.cpp.
#pragma once

#include <rocksdb/write_batch.h>

#include <atomic>
#include <chrono>
#include <list>
#include <mutex>

#include "store/rocksdb/database.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/row_chunker.h"
#include "store/rocksdb/stale_sums.h"

namespace driftguard::store {

// Every write is one synced WriteBatch, made under one mutex: the row ids in it, the answers it
// found free and the buckets it rewrites cannot change underneath. Readers take no lock; each
// call reads one moment, and lets go of it at its end. What is derived from stored bytes (merged
// buckets, sums) is read and added up without the mutex: a Watch tells whether a commit touched
// what was read, and then it is not written.
class RocksStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(const RocksOptions& options, MergeSummaries merge);

  std::string_view engine() const override { return "rocksdb"; }
  std::size_t writers() const override { return 1; }
  bool exclusive() const override { return true; }

  Result<void> commit(const Commit& commit) override;
  Result<void> read_rollups(const SegmentFilter& filter, TimeRange range,
                            const RollupVisitor& visit) override;
  Result<void> read_sums(const SegmentFilter& filter, TimeRange range,
                         const SumVisitor& visit) override;
  Result<std::size_t> make_sums(Time before, std::size_t limit) override;
  Result<std::vector<SegmentName>> list_segments(std::string_view service) override;
  Result<RowPage> read_rows(const RowQuery& query) override;
  Result<std::optional<StoredAnswer>> find_answer(std::string_view key) override;
  Result<std::size_t> drop_expired_answers(Time now, std::size_t limit) override;
  Result<std::optional<std::string>> get_document(std::string_view key) override;
  Result<void> put_document(std::string_view key, std::string_view value) override;
  Result<bool> create_document(std::string_view key, std::string_view value) override;
  Result<std::vector<std::string>> list_documents(std::string_view prefix) override;
  Result<bool> change_documents(std::span<const DocumentExpectation> expected,
                                std::span<const DocumentWrite> writes) override;
  Result<std::size_t> compact(Time before) override;
  Result<Dropped> drop(const DropStep& step) override;
  Result<std::optional<Time>> oldest(History what) override;
  Result<std::uint64_t> bytes() override;
  Result<DropCut> find_cut(History what, std::uint64_t bytes) override;
  Result<void> reclaim(History what, Reclaim when, std::atomic<bool>& stop) override;
  Result<void> ping() override;
  Figures figures() override;

 private:
  // Sees whether a commit adds to one of the buckets that begin in a range, from its construction
  // on. Takes the write mutex at both ends of its life.
  class Watch final {
   public:
    Watch(RocksStore& store, std::string segment, TimeRange range);
    ~Watch();
    Watch(const Watch&) = delete;
    // All need the write mutex.
    void see(std::string_view segment, Time bucket);
    void see(std::string_view segment, TimeRange buckets);
    bool touched() const { return touched_; }

   private:
    RocksStore& store_;
    const std::string segment_;  // A key's beginning.
    const TimeRange range_;
    bool touched_ = false;
    std::list<Watch*>::iterator place_;
  };
  // The write mutex, held by a background step; how long is remembered.
  class BackgroundLock final {
   public:
    explicit BackgroundLock(RocksStore& store) : store_(store), lock_(store.write_mutex_) {}
    ~BackgroundLock();
    BackgroundLock(const BackgroundLock&) = delete;

   private:
    RocksStore& store_;
    const std::lock_guard<std::mutex> lock_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };
  // A bucket or a stretch whose parts were added up under a watch.
  struct Derived {
    std::shared_ptr<Watch> watch;
    std::string key;
    std::string value;      // Empty: there is nothing to write for it.
    std::size_t parts = 0;  // A bucket's.
    StaleStretch stretch;   // A sum's.
  };

  RocksStore(const RocksOptions& options, MergeSummaries merge);
  // Construction, in the order of calls.
  Result<void> check_format();
  Result<void> load_positions();

  // To read from; holding it keeps it open.
  Result<std::shared_ptr<Database>> database() const;

  // Drops the keys from one up to, and without, the other. Takes write_mutex_ for its one write.
  Result<void> drop_ranges(History what, std::span<const std::pair<std::string, std::string>> keys);
  // Needs write_mutex_. What is derived from the buckets between two keys goes with them.
  void void_derived(const std::string& begin, const std::string& end, rocksdb::WriteBatch& batch);

  // kUnavailable while the disk has no room for what has to be written in any case.
  Result<void> check_room() const;
  std::uint64_t room_kept() const;

  // All of these need write_mutex_; make_writable() comes first in every change.
  Result<void> make_writable();
  Result<void> reopen();
  Result<void> add_answers(std::span<const StoredAnswer> answers);
  void add_rows(std::span<const RawRow> rows);
  void add_rollups(std::span<const RollupDelta> rollups);
  Result<std::size_t> drop_expired_step(Time now, std::size_t limit);

  // Of compact() and make_sums(), under their own mutexes; they take the write mutex themselves.
  Result<std::size_t> compact_segment(const SegmentName& segment, Time before);
  Result<Time> merge_buckets(const std::string& segment, TimeRange range,
                             std::vector<Derived>& merged);
  static Result<std::size_t> parts_of(Database& database, const rocksdb::Slice& key);
  Result<std::size_t> put_buckets(const std::vector<Derived>& merged);
  Result<std::vector<StaleStretch>> due_stretches(Time before, std::size_t limit);
  Result<void> read_stale(Time from, Time before, std::size_t limit,
                          std::vector<StaleStretch>& due);
  Result<std::optional<std::string>> sum_of(const StaleStretch& stretch);
  Result<void> put_sums(std::vector<Derived>& made);

  // Constant after construction.
  const RocksOptions options_;
  const SystemClock system_clock_;
  const Clock& clock_;
  const std::shared_ptr<SummaryMerge> merge_;
  const std::shared_ptr<rocksdb::Cache> cache_;

  // Changed by reopen() alone; null after it has failed, until it succeeds.
  mutable std::mutex database_mutex_;
  std::shared_ptr<Database> database_;  // Guarded by database_mutex_; writers may read it without.

  std::mutex compact_mutex_;  // One compact() at a time.
  Time compacted_until_;      // Guarded by compact_mutex_.

  std::mutex sums_mutex_;  // One make_sums() at a time.

  std::mutex write_mutex_;
  // Guarded by write_mutex_.
  std::uint64_t next_row_id_ = 1;
  rocksdb::WriteBatch batch_;  // Keeps its memory from one commit to the next.
  std::string key_;            // The same for keys.
  RowChunker chunker_;
  ChunkEncoder chunk_encoder_;
  Time answers_expire_from_{};  // No answer expires before; where tombstones need no walk.
  std::list<Watch*> watches_;   // Few: what one background step works on.
  StaleSums stale_;

  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> commit_failures_{0};
  std::atomic<std::uint64_t> commit_us_{0};
  std::atomic<std::uint64_t> sums_made_{0};
  std::atomic<std::uint64_t> sums_voided_{0};
  std::atomic<std::int64_t> background_us_max_{0};
};

// Keys of the meta family.
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kNextRowIdKey = "next_row_id";
inline constexpr std::string_view kCompactedUntilKey = "compacted_until";
inline constexpr std::string_view kSummedUntilKey = "summed_until";

}  // namespace driftguard::store

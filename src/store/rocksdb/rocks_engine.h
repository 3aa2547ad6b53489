// SPDX-License-Identifier: Apache-2.0
// The class behind open_rocks_store(). Written in rocks_open.cpp (opening and closing),
// rocks_write.cpp (everything that changes the store) and rocks_read.cpp.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <mutex>

#include "store/rocksdb/rocks_store.h"
#include "store/rocksdb/summary_merge.h"
#include "store/rocksdb/tuning.h"

namespace driftguard::store {

// Hears that RocksDB has stopped all writes, in a commit or behind its back (a flush found the
// disk full). Resuming is then ours, at the next write: at once when there is space, where
// RocksDB would look every five seconds, and refuse us meanwhile. Thread-safe.
class WriteStops final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override {
    stopped_ = true;
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
  bool stopped() const { return stopped_; }
  void set_stopped(bool stopped) { stopped_ = stopped; }

 private:
  std::atomic<bool> stopped_ = false;
};

// Every write is one synced WriteBatch, made under one mutex: the row ids in it, the answers it
// found free and the buckets it rewrites cannot change underneath. Readers take no lock; each
// call reads one iterator, so one moment, and lets go of it at its end.
class RocksStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(const RocksOptions& options, MergeSummaries merge);
  ~RocksStore() override;

  std::string_view engine() const override { return "rocksdb"; }
  std::size_t writers() const override { return 1; }
  bool exclusive() const override { return true; }

  Result<void> commit(const Commit& commit) override;
  Result<void> read_rollups(const SegmentFilter& filter, TimeRange range,
                            const RollupVisitor& visit) override;
  Result<std::vector<SegmentName>> list_segments(std::string_view service) override;
  Result<RowPage> read_rows(const RowQuery& query) override;
  Result<std::optional<StoredAnswer>> find_answer(std::string_view key) override;
  Result<std::size_t> drop_expired_answers(Time now, std::size_t limit) override;
  Result<std::optional<std::string>> get_document(std::string_view key) override;
  Result<void> put_document(std::string_view key, std::string_view value) override;
  Result<bool> create_document(std::string_view key, std::string_view value) override;
  Result<std::vector<std::string>> list_documents(std::string_view prefix) override;
  Result<std::size_t> compact(Time before) override;
  Result<void> ping() override;
  Figures figures() override;

 private:
  using Iterator = std::unique_ptr<rocksdb::Iterator>;

  RocksStore(const RocksOptions& options, MergeSummaries merge);
  // Construction, in the order of calls.
  Result<void> open_database();
  Result<void> check_format();
  Result<void> load_positions();
  Result<std::optional<std::uint64_t>> load_number(std::string_view key) const;

  rocksdb::ColumnFamilyHandle* family(Family which) const {
    return handles_[static_cast<std::size_t>(which)];
  }
  Result<std::optional<std::string>> get(Family which, std::string_view key) const;
  // Walks keys from where it is put up to, and without, `upper`; empty: to the end.
  Iterator iterate(Family which, const rocksdb::Slice* upper, bool fill_cache) const;

  // All of these need write_mutex_.
  Result<void> make_writable();
  Result<void> write(rocksdb::WriteBatch& batch);
  Result<void> add_answers(std::span<const StoredAnswer> answers);
  void add_rows(std::span<const RawRow> rows);
  void add_rollups(std::span<const RollupDelta> rollups);
  Result<std::size_t> drop_expired_step(Time now, std::size_t limit);
  Result<std::size_t> merge_parts(std::span<const std::string> keys);

  // Constant after construction.
  const RocksOptions options_;
  const SystemClock system_clock_;
  const Clock& clock_;
  const std::shared_ptr<SummaryMerge> merge_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  const std::shared_ptr<WriteStops> write_stops_ = std::make_shared<WriteStops>();
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};

  std::mutex compact_mutex_;  // One compact() at a time.
  Time compacted_until_;      // Guarded by compact_mutex_.

  std::mutex write_mutex_;
  // Guarded by write_mutex_.
  std::uint64_t next_row_id_ = 1;
  rocksdb::WriteBatch batch_;   // Keeps its memory from one commit to the next.
  std::string key_;             // The same for keys.
  Time answers_expire_from_{};  // No answer expires before; where tombstones need no walk.

  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> commit_failures_{0};
  std::atomic<std::uint64_t> commit_us_{0};
};

// What a RocksDB status means to a caller; `doing` opens the sentence. The status is not ok.
Error rocks_error(const rocksdb::Status& status, std::string_view doing);

// Keys of the meta family.
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kNextRowIdKey = "next_row_id";
inline constexpr std::string_view kCompactedUntilKey = "compacted_until";

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <array>
#include <mutex>

#include "store/rocksdb/rocks_store.h"
#include "store/rocksdb/summary_merge.h"
#include "store/rocksdb/tuning.h"

namespace driftguard::store {

// Hears that RocksDB has stopped all writes: in a write of ours, or behind our back because a
// flush found the disk full. RocksDB's own recovery is turned off: while it runs (every five
// seconds) writes are refused as busy, and in 7.8 it, like DB::Resume(), waits forever when a flush
// was scheduled just before the failure. Opening anew has neither trouble. Thread-safe.
class WriteStops final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
  void set(const rocksdb::Status& status);
  // Ok while writes go through; else the reason why they do not.
  rocksdb::Status get() const;

 private:
  mutable std::mutex mutex_;
  rocksdb::Status status_;
};

// One opened RocksDB with its column families; closed with the object. Thread-safe.
class Database final {
 public:
  using Iterator = std::unique_ptr<rocksdb::Iterator>;

  // Errors are those of open_rocks_store().
  static Result<std::shared_ptr<Database>> open(const RocksOptions& options,
                                                std::shared_ptr<rocksdb::Cache> cache,
                                                std::shared_ptr<SummaryMerge> merge);
  ~Database();
  Database(const Database&) = delete;

  rocksdb::DB& rocks() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family which) const {
    return handles_[static_cast<std::size_t>(which)];
  }
  Result<std::optional<std::string>> get(Family which, std::string_view key) const;
  // Walks keys from where it is put up to, and without, `upper`; empty: to the end. With a
  // snapshot it sees that moment, else the present one.
  Iterator iterate(Family which, const rocksdb::Slice* upper, bool fill_cache,
                   const rocksdb::Snapshot* snapshot = nullptr) const;
  // Durable when it returns.
  Result<void> write(rocksdb::WriteBatch& batch);

  rocksdb::Status write_stop() const { return write_stops_->get(); }

 private:
  explicit Database(std::string directory) : directory_(std::move(directory)) {}

  const std::string directory_;
  const std::shared_ptr<WriteStops> write_stops_ = std::make_shared<WriteStops>();
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
};

// What a RocksDB status means to a caller; `doing` opens the sentence. The status is not ok.
Error rocks_error(const rocksdb::Status& status, std::string_view doing);

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#include <rocksdb/cache.h>

#include <filesystem>
#include <thread>

#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"

namespace driftguard::store {
namespace {

// Of the keys (keys.h) and values of all families; 1 had a key a row and was never released.
constexpr std::uint64_t kFormatVersion = 2;

Result<std::optional<std::uint64_t>> load_number(const Database& database, std::string_view key) {
  auto bytes = database.get(Family::kMeta, key);
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<std::uint64_t>();
  if ((*bytes)->size() != 8) {
    return Error{ErrorCode::kCorrupt, "The store's entry " + std::string(key) + " is damaged."};
  }
  return std::optional(read_id(**bytes));
}

}  // namespace

Result<std::unique_ptr<Store>> open_rocks_store(const RocksOptions& options, MergeSummaries merge) {
  return RocksStore::open(options, std::move(merge));
}

RocksStore::RocksStore(const RocksOptions& options, MergeSummaries merge)
    : options_(options),
      clock_(options.clock ? *options.clock : system_clock_),
      merge_(std::make_shared<SummaryMerge>(std::move(merge))),
      cache_(rocksdb::NewLRUCache(options.cache_bytes)) {}

Result<std::unique_ptr<Store>> RocksStore::open(const RocksOptions& options, MergeSummaries merge) {
  std::unique_ptr<RocksStore> store(new RocksStore(options, std::move(merge)));
  auto opened = Database::open(options, store->cache_, store->merge_);
  if (!opened) return opened.error();
  store->database_ = *std::move(opened);
  if (auto known = store->check_format(); !known) return known.error();
  if (auto loaded = store->load_positions(); !loaded) return loaded.error();
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> RocksStore::check_format() {
  const auto format = load_number(*database_, kFormatKey);
  if (!format) return format.error();
  if (!*format) {
    std::string version;
    append_id(version, kFormatVersion);
    rocksdb::WriteBatch batch;
    batch.Put(database_->family(Family::kMeta), kFormatKey, version);
    return database_->write(batch);
  }
  if (**format == kFormatVersion) return {};
  if (**format < kFormatVersion) {
    return Error{ErrorCode::kInvalidArgument,
                 options_.directory + " has format " + std::to_string(**format) +
                     ", of a driftguard before its first release; its events can be exported with "
                     "that one and imported again."};
  }
  return Error{ErrorCode::kInvalidArgument,
               options_.directory + " has format " + std::to_string(**format) +
                   ", written by a newer driftguard; this one knows format " +
                   std::to_string(kFormatVersion) + "."};
}

Result<void> RocksStore::load_positions() {
  const auto next_row_id = load_number(*database_, kNextRowIdKey);
  if (!next_row_id) return next_row_id.error();
  next_row_id_ = next_row_id->value_or(1);
  const auto compacted = database_->get(Family::kMeta, kCompactedUntilKey);
  if (!compacted) return compacted.error();
  compacted_until_ = *compacted && (*compacted)->size() == 8 ? read_time(**compacted) : Time::min();
  const auto summed = database_->get(Family::kMeta, kSummedUntilKey);
  if (!summed) return summed.error();
  // Damaged, it would let stale sums live: then every delta deletes.
  const bool known = !*summed || (*summed)->size() == 8;
  stale_.start(!known ? Time::max() : *summed ? read_time(**summed) : Time::min());
  return {};
}

Result<std::shared_ptr<Database>> RocksStore::database() const {
  const std::lock_guard lock(database_mutex_);
  if (database_) return database_;
  return Error{ErrorCode::kUnavailable, "The store in " + options_.directory + " is closed."};
}

// The memtables, which a flush must be able to write beside the logs that hold the same.
std::uint64_t RocksStore::room_kept() const { return 2 * options_.memtable_bytes; }

// Before the disk is full, not when it is: RocksDB survives a write that finds no room, but stops,
// and a flush in the background that finds none may end the process. Whoever frees space, as
// retention does, is not asked.
Result<void> RocksStore::check_room() const {
  std::error_code failed;
  const auto space = std::filesystem::space(options_.directory, failed);
  if (failed || space.available >= room_kept()) return {};
  constexpr std::uint64_t kMegabyte = 1'000'000;
  return Error{ErrorCode::kUnavailable,
               "The disk of " + options_.directory +
                   " is nearly full: " + std::to_string(space.available / kMegabyte) +
                   " MB are left, and " + std::to_string(room_kept() / kMegabyte) +
                   " MB have to be. Free some, or let retention do it."};
}

// Writes stop when one has failed, until the database is opened anew: as soon as there is room
// for what its log holds. Until then reads go on.
Result<void> RocksStore::make_writable() {
  if (database_) {
    const rocksdb::Status stop = database_->write_stop();
    if (stop.ok()) return {};
    const std::string doing = "The store in " + options_.directory + " takes no writes";
    if (stop.IsCorruption()) return rocks_error(stop, doing);
    std::error_code failed;
    const auto space = std::filesystem::space(options_.directory, failed);
    if (failed || space.available < room_kept()) return rocks_error(stop, doing);
  }
  return reopen();
}

Result<void> RocksStore::reopen() {
  constexpr int kTries = 100;                                   // For readers to come to their end.
  if (database_) database_->rocks().DisableManualCompaction();  // reclaim() ends.
  std::unique_lock lock(database_mutex_);
  for (int i = 0; database_.use_count() > 1; ++i) {
    if (i == kTries) {
      return Error{ErrorCode::kUnavailable, "The store waits for readers before it opens anew."};
    }
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    lock.lock();
  }
  database_.reset();
  auto opened = Database::open(options_, cache_, merge_);
  if (!opened) return opened.error();
  database_ = *std::move(opened);
  return {};
}

}  // namespace driftguard::store

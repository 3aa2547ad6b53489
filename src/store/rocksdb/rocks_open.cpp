// SPDX-License-Identifier: Apache-2.0
#include <rocksdb/cache.h>

#include <filesystem>

#include "core/bytes.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/rocksdb/wal_check.h"

namespace driftguard::store {
namespace {

// Of the keys (keys.h) and values of all families. A program opens its own and older formats.
constexpr std::uint64_t kFormatVersion = 1;

std::string number_bytes(std::uint64_t n) {
  std::string out;
  append_id(out, n);
  return out;
}

Error locked(const std::string& directory) {
  return {ErrorCode::kConflict,
          "Another driftguard process uses " + directory + "; talk to it with --url instead."};
}

// RocksDB has no status of its own for a lock that is held; these are its words for it.
bool is_held_lock(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return text.find("lock hold by current process") != std::string::npos ||
         text.find("While lock file") != std::string::npos;
}

// Checks the logs while nobody writes to them.
Result<void> check_wals_locked(const std::string& directory) {
  rocksdb::Env* env = rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status status = env->LockFile(directory + "/LOCK", &lock);
  if (is_held_lock(status)) return locked(directory);
  if (!status.ok()) return rocks_error(status, "Cannot use the directory " + directory);
  auto checked = check_wals(directory);
  env->UnlockFile(lock);
  return checked;
}

}  // namespace

Error rocks_error(const rocksdb::Status& status, std::string_view doing) {
  std::string detail = std::string(doing) + ": " + status.ToString() + ".";
  if (status.IsCorruption()) return {ErrorCode::kCorrupt, std::move(detail)};
  const bool away = status.IsIOError() || status.IsNoSpace() || status.IsBusy() ||
                    status.IsTimedOut() || status.IsShutdownInProgress() || status.IsIncomplete() ||
                    status.IsTryAgain();
  return {away ? ErrorCode::kUnavailable : ErrorCode::kInternal, std::move(detail)};
}

Result<std::unique_ptr<Store>> open_rocks_store(const RocksOptions& options, MergeSummaries merge) {
  return RocksStore::open(options, std::move(merge));
}

RocksStore::RocksStore(const RocksOptions& options, MergeSummaries merge)
    : options_(options),
      clock_(options.clock ? *options.clock : system_clock_),
      merge_(std::make_shared<SummaryMerge>(std::move(merge))),
      cache_(rocksdb::NewLRUCache(options.cache_bytes)) {}

RocksStore::~RocksStore() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

Result<std::unique_ptr<Store>> RocksStore::open(const RocksOptions& options, MergeSummaries merge) {
  std::unique_ptr<RocksStore> store(new RocksStore(options, std::move(merge)));
  if (auto opened = store->open_database(); !opened) return opened.error();
  if (auto known = store->check_format(); !known) return known.error();
  if (auto loaded = store->load_positions(); !loaded) return loaded.error();
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> RocksStore::open_database() {
  const std::string& directory = options_.directory;
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) {
    return Error{ErrorCode::kUnavailable,
                 "Cannot make the directory " + directory + ": " + failed.message() + "."};
  }
  if (auto intact = check_wals_locked(directory); !intact) return intact;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions settings = database_options(options_);
  settings.listeners.push_back(write_stops_);
  const auto status = rocksdb::DB::Open(settings, directory,
                                        column_families(options_, cache_, merge_), &handles, &db);
  if (!status.ok()) {
    if (is_held_lock(status)) return locked(directory);
    if (status.IsInvalidArgument()) {
      return Error{ErrorCode::kInvalidArgument, directory +
                                                    " was not written by this version of "
                                                    "driftguard: " +
                                                    status.ToString() + "."};
    }
    return rocks_error(status, "Cannot open the store in " + directory);
  }
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return {};
}

Result<void> RocksStore::check_format() {
  const auto format = load_number(kFormatKey);
  if (!format) return format.error();
  if (!*format) {
    rocksdb::WriteBatch batch;
    batch.Put(family(Family::kMeta), kFormatKey, number_bytes(kFormatVersion));
    return write(batch);
  }
  if (**format <= kFormatVersion) return {};
  return Error{ErrorCode::kInvalidArgument,
               options_.directory + " has format " + std::to_string(**format) +
                   ", written by a newer driftguard; this one knows formats up to " +
                   std::to_string(kFormatVersion) + "."};
}

Result<void> RocksStore::load_positions() {
  const auto next_row_id = load_number(kNextRowIdKey);
  if (!next_row_id) return next_row_id.error();
  next_row_id_ = next_row_id->value_or(1);
  const auto compacted = get(Family::kMeta, kCompactedUntilKey);
  if (!compacted) return compacted.error();
  compacted_until_ = *compacted && (*compacted)->size() == 8 ? read_time(**compacted) : Time::min();
  return {};
}

Result<std::optional<std::uint64_t>> RocksStore::load_number(std::string_view key) const {
  auto bytes = get(Family::kMeta, key);
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<std::uint64_t>();
  if ((*bytes)->size() != 8) {
    return Error{ErrorCode::kCorrupt, "The store's entry " + std::string(key) + " is damaged."};
  }
  return std::optional(read_id(**bytes));
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/database.h"

#include <filesystem>

#include "store/rocksdb/wal_check.h"

namespace driftguard::store {
namespace {

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

void WriteStops::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  set(*status);
}

void WriteStops::set(const rocksdb::Status& status) {
  const std::lock_guard lock(mutex_);
  if (status_.ok() || status.IsCorruption()) status_ = status;
}

rocksdb::Status WriteStops::get() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Result<std::shared_ptr<Database>> Database::open(const RocksOptions& options,
                                                 std::shared_ptr<rocksdb::Cache> cache,
                                                 std::shared_ptr<SummaryMerge> merge) {
  const std::string& directory = options.directory;
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) {
    return Error{ErrorCode::kUnavailable,
                 "Cannot make the directory " + directory + ": " + failed.message() + "."};
  }
  if (auto intact = check_wals_locked(directory); !intact) return intact.error();
  std::shared_ptr<Database> database(new Database(directory));
  rocksdb::DBOptions settings = database_options(options);
  // Compaction takes what commits leave of the processors.
  settings.env->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW);
  settings.listeners.push_back(database->write_stops_);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(
      settings, directory, column_families(options, std::move(cache), std::move(merge)), &handles,
      &db);
  if (is_held_lock(status)) return locked(directory);
  if (status.IsInvalidArgument()) {
    return Error{ErrorCode::kInvalidArgument, directory +
                                                  " was not written by this version of "
                                                  "driftguard: " +
                                                  status.ToString() + "."};
  }
  if (!status.ok()) return rocks_error(status, "Cannot open the store in " + directory);
  database->db_.reset(db);
  std::copy(handles.begin(), handles.end(), database->handles_.begin());
  return database;
}

Database::~Database() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

Result<std::optional<std::string>> Database::get(Family which, std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), family(which), key, &value);
  if (status.ok()) return std::optional(std::move(value));
  if (status.IsNotFound()) return std::optional<std::string>();
  return rocks_error(status, "Cannot read from " + directory_);
}

Database::Iterator Database::iterate(Family which, const rocksdb::Slice* upper, bool fill_cache,
                                     const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.fill_cache = fill_cache;
  options.snapshot = snapshot;
  options.iterate_upper_bound = upper && !upper->empty() ? upper : nullptr;
  return Iterator(db_->NewIterator(options, family(which)));
}

Result<void> Database::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions durable;
  durable.sync = true;
  const rocksdb::Status status = db_->Write(durable, &batch);
  if (status.ok()) return {};
  write_stops_->set(status);
  Error error = rocks_error(status, "Cannot write to " + directory_);
  // A log that could not be appended to holds at most a torn record, which nobody reads. After
  // any other failure (of the fsync, say) the record may be whole and come back.
  if (!status.IsNoSpace()) error.detail += " Whether the batch is stored is not known.";
  return error;
}

}  // namespace driftguard::store

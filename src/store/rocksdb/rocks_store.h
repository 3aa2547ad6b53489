// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/clock.h"
#include "store/store.h"

namespace driftguard::store {

struct RocksOptions {
  std::string directory;                   // Made if it is missing, with its parents.
  std::size_t cache_bytes = 64u << 20;     // Blocks, indexes and filters of all tables.
  std::size_t memtable_bytes = 64u << 20;  // Of all column families together.
  std::size_t wal_bytes_max = 128u << 20;  // Beyond it the oldest memtable is flushed.
  int open_files_max = 256;
  int background_jobs = 2;
  const Clock* clock = nullptr;  // Says which answers have expired; null: the system's.
};

// Opens the embedded store and makes it if there is none. `merge` is called from RocksDB's own
// threads for as long as the store lives, and must be thread-safe.
//
// kConflict: another process uses the directory. kInvalidArgument: a newer driftguard wrote it,
// or something that is not driftguard. kCorrupt: the files do not read back. kUnavailable: the
// disk refuses.
Result<std::unique_ptr<Store>> open_rocks_store(const RocksOptions& options, MergeSummaries merge);

}  // namespace driftguard::store

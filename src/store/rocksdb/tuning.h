// SPDX-License-Identifier: Apache-2.0
// RocksDB's settings and the reasons for them, in one place.
#pragma once

#include <rocksdb/db.h>

#include "store/rocksdb/rocks_store.h"

namespace driftguard::store {

// The column families, in the order in which they are opened.
enum class Family { kMeta, kRaw, kRollup, kAnswers, kDocuments, kSums, kStale };
inline constexpr std::size_t kFamilies = 7;

rocksdb::DBOptions database_options(const RocksOptions& options);
// `cache` is shared by all families; `merge` is the rollup family's.
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(
    const RocksOptions& options, std::shared_ptr<rocksdb::Cache> cache,
    std::shared_ptr<rocksdb::MergeOperator> merge);

}  // namespace driftguard::store

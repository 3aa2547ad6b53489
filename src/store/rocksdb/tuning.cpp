// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/tuning.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include "store/rocksdb/keys.h"

namespace driftguard::store {
namespace {

// Names the segment of a raw key, so that the memtable remembers where the segment's last row
// went: rows mostly come in the order of time and then need no search (commits +15 %).
class SegmentOfKey final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "driftguard.SegmentOfKey.1"; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > kRawRest; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - kRawRest};
  }
};

rocksdb::BlockBasedTableOptions table_options(std::shared_ptr<rocksdb::Cache> cache, bool bloom) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.block_size = 16u << 10;
  // Indexes and filters count against the cache: its size is then the bound of all of it.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  if (bloom) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return table;
}

rocksdb::ColumnFamilyOptions family(const RocksOptions& options,
                                    std::shared_ptr<rocksdb::Cache> cache, bool bloom) {
  rocksdb::ColumnFamilyOptions out;
  // db_write_buffer_size is the bound; half of it a family keeps flushes large and leaves room
  // for the next memtable while one is written out.
  out.write_buffer_size = options.memtable_bytes / 2;
  out.level_compaction_dynamic_level_bytes = true;
  out.compression = rocksdb::kLZ4Compression;
  out.bottommost_compression = rocksdb::kZSTD;
  out.bottommost_compression_opts.level = 1;  // Half the time of level 3 for 5 % more bytes.
  out.bottommost_compression_opts.enabled = true;
  // Rows that arrive out of order overlap what is there; fewer, larger merges rewrite it less.
  out.level0_file_num_compaction_trigger = 8;
  out.table_factory.reset(
      rocksdb::NewBlockBasedTableFactory(table_options(std::move(cache), bloom)));
  return out;
}

}  // namespace

rocksdb::DBOptions database_options(const RocksOptions& options) {
  rocksdb::DBOptions out;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  out.paranoid_checks = true;
  // Every record is synced before the next is written, so after a power cut at most the last
  // record is torn, and it was never answered. kTolerateCorruptedTailRecords would refuse to
  // open when that record's pages reached the disk out of order (its checksum fails);
  // kPointInTimeRecovery drops it. What it would drop silently too, a damaged record with
  // answered ones behind it, wal_check finds before the database is opened.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // A log that is missing, or shorter than it was when it was closed, is an error.
  out.track_and_verify_wals_in_manifest = true;
  out.db_write_buffer_size = options.memtable_bytes;
  out.max_total_wal_size = options.wal_bytes_max;
  out.max_open_files = options.open_files_max;
  out.max_background_jobs = options.background_jobs;
  // Table files are written back as they grow, or the log's fsync waits behind them.
  out.bytes_per_sync = 1u << 20;
  out.compaction_readahead_size = 2u << 20;
  out.skip_stats_update_on_db_open = true;
  out.max_manifest_file_size = 16u << 20;
  out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  out.max_log_file_size = 4u << 20;
  out.keep_log_file_num = 4;
  out.stats_dump_period_sec = 0;
  return out;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(
    const RocksOptions& options, std::shared_ptr<rocksdb::Cache> cache,
    std::shared_ptr<rocksdb::MergeOperator> merge) {
  // Raw rows are only ever walked: a filter would never be asked.
  rocksdb::ColumnFamilyOptions raw = family(options, cache, false);
  raw.memtable_insert_with_hint_prefix_extractor = std::make_shared<SegmentOfKey>();
  rocksdb::ColumnFamilyOptions rollup = family(options, cache, true);
  rollup.merge_operator = std::move(merge);
  rocksdb::ColumnFamilyOptions answers = family(options, cache, true);
  // Answers live for a day and die in the order of expiry: tables full of tombstones go first.
  answers.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048));
  const rocksdb::ColumnFamilyOptions small = family(options, cache, true);
  const rocksdb::ColumnFamilyOptions sums = family(options, cache, false);  // Only walked.
  // A queue: what is done goes from its front, as answers do.
  rocksdb::ColumnFamilyOptions stale = sums;
  stale.table_properties_collector_factories = answers.table_properties_collector_factories;
  return {{rocksdb::kDefaultColumnFamilyName, small},
          {"raw", raw},
          {"rollup", rollup},
          {"answers", answers},
          {"documents", small},
          {"sums", sums},
          {"stale", stale}};
}

}  // namespace driftguard::store

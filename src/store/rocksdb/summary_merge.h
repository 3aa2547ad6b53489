// SPDX-License-Identifier: Apache-2.0
// How the deltas of a bucket become one value: RocksDB calls the operator below whenever it
// reads, flushes or compacts a key that has operands.
//
// Every stored value begins with a tag. kWhole: one summary follows. kParts: summaries that
// would not merge (one is damaged, or comes from a newer program), each as it came, with its
// length before it. So a failed merge loses nothing and stops no compaction, which would stop
// every commit; who reads that bucket, and only he, gets kCorrupt.
#pragma once

#include <rocksdb/merge_operator.h>

#include "store/store.h"

namespace driftguard::store {

inline constexpr char kWhole = 1;
inline constexpr char kParts = 2;

// Thread-safe, as `merge` must be: RocksDB calls it from its own threads.
class SummaryMerge final : public rocksdb::MergeOperator {
 public:
  explicit SummaryMerge(MergeSummaries merge) : merge_(std::move(merge)) {}

  const char* Name() const override { return "driftguard.SummaryMerge.1"; }
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override;
  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                         std::string* merged, rocksdb::Logger* logger) const override;

  // The summary in a stored value: a view into `value`, or into `scratch` where parts have to be
  // merged first. kCorrupt when they still do not merge.
  Result<std::string_view> read(std::string_view value, std::string& scratch) const;

  const MergeSummaries& merge() const { return merge_; }

 private:
  std::string join(std::span<const std::string_view> values) const;

  const MergeSummaries merge_;
};

}  // namespace driftguard::store

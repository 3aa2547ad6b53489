// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/write_batch.h>

#include <string>
#include <string_view>
#include <unordered_set>

#include "store/rocksdb/database.h"

namespace driftguard::store {

// Which sums are missing, as far as memory knows. The truth is the family `stale`; what stands
// here too is there for sure, and has no sum, so that a commit whose buckets are open already
// writes nothing for them. Guarded by the store's write mutex.
class StaleSums final {
 public:
  // Sums that end later were never made. Set once, before anything else.
  void start(Time summed_until) { summed_until_ = summed_until; }

  // Adds to a commit's batch what its delta does to the sums over the bucket: they go, where they
  // may be there, and are to be made. `segment` is a key's beginning.
  void add(std::string_view segment, Time bucket, const Database& database,
           rocksdb::WriteBatch& batch);
  // The sum of a stretch is about to be stored: from now on a commit deletes it again.
  void remove(const std::string& stale_key, Time ends);
  // A write failed, and what the store holds now is not known.
  void forget() { known_.clear(); }

  // Nothing in the family ends before the time taken; who takes it puts back what is still true.
  Time take_front() { return std::exchange(front_, Time::max()); }
  void put_front(Time front) { front_ = std::min(front_, front); }

  Time summed_until() const { return summed_until_; }
  std::uint64_t voided() const { return voided_; }

 private:
  // Some 150 bytes each. Beyond it all are forgotten, which costs commits a few bytes.
  static constexpr std::size_t kKnownMax = 250'000;

  std::unordered_set<std::string> known_;  // Keys of the family.
  Time summed_until_ = Time::min();
  Time front_ = Time::min();
  std::uint64_t voided_ = 0;  // Sums deleted, or that would have been.
};

}  // namespace driftguard::store

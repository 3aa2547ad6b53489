// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/stale_sums.h"

#include "store/rocksdb/keys.h"
#include "store/sums.h"

namespace driftguard::store {

void StaleSums::add(std::string_view segment, Time bucket, const Database& database,
                    rocksdb::WriteBatch& batch) {
  for (const std::chrono::seconds width : kSumWidths) {
    const Time begins = stretch_of(bucket, width);
    std::string key = stale_key(segment, width, begins);
    if (known_.contains(key)) continue;
    batch.Put(database.family(Family::kStale), key, "");
    if (begins + width <= summed_until_) {
      batch.Delete(database.family(Family::kSums), sum_key(segment, width, begins));
      ++voided_;
    }
    front_ = std::min(front_, begins + width);
    if (known_.size() >= kKnownMax) known_.clear();
    known_.insert(std::move(key));
  }
}

void StaleSums::remove(const std::string& stale_key, Time ends) {
  known_.erase(stale_key);
  summed_until_ = std::max(summed_until_, ends);
}

}  // namespace driftguard::store

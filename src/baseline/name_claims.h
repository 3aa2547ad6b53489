// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/feature_names.h"
#include "ingest/committer.h"

namespace driftguard::baseline {

// Claims a feature's name as soon as its first value is stored, so that the earlier feature gets
// the shorter name. What cannot be claimed now is claimed by the first report.
class NameClaims final : public ingest::CommitObserver {
 public:
  // `next`, which may be null, is told of every commit too. Both must outlive this.
  NameClaims(FeatureNames& names, ingest::CommitObserver* next) : names_(names), next_(next) {}

  void before(std::span<const store::RollupKey> keys) override {
    if (next_ != nullptr) next_->before(keys);
  }
  void after(std::span<const ingest::BucketDelta> deltas, bool committed) override {
    if (next_ != nullptr) next_->after(deltas, committed);
    if (!committed) return;
    for (const ingest::BucketDelta& delta : deltas) {
      for (const auto& [pointer, feature] : delta.rollup->features) {
        if (!names_.name_of(delta.key.service, pointer)) return;
      }
    }
  }
  void done(std::span<const store::RollupKey> keys) override {
    if (next_ != nullptr) next_->done(keys);
  }

 private:
  FeatureNames& names_;
  ingest::CommitObserver* const next_;
};

}  // namespace driftguard::baseline

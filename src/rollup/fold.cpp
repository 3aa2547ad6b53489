// SPDX-License-Identifier: Apache-2.0
#include "rollup/fold.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace driftguard::rollup {

void TextFold::add(std::string_view text) {
  if (entries_.size() <= kSearchedMax) {
    for (Entry& entry : entries_) {
      if (entry.text == text) {
        ++entry.count;
        return;
      }
    }
    entries_.push_back({text, 1});
    return;
  }
  std::uint32_t& recent = recent_[hash64(text) % recent_.size()];
  if (recent < entries_.size() && entries_[recent].text == text) {
    ++entries_[recent].count;
    return;
  }
  if (index_.empty()) {
    for (std::size_t i = 0; i < entries_.size(); ++i) index_.emplace(entries_[i].text, i);
  }
  const auto [at, is_new] = index_.try_emplace(text, entries_.size());
  if (is_new) {
    entries_.push_back({text, 1});
  } else {
    ++entries_[at->second].count;
  }
  recent = static_cast<std::uint32_t>(at->second);
}

sketch::CategoryCounts TextFold::take() {
  std::vector<sketch::Category> categories;
  categories.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    categories.push_back({sketch::category_name(entry.text), entry.count});
  }
  entries_.clear();
  index_.clear();
  return sketch::CategoryCounts::of(std::move(categories));
}

Rollup BucketFold::take(const std::vector<std::string>& pointers) {
  Rollup rollup;
  rollup.events = std::exchange(events_, 0);
  rollup.statuses = std::exchange(statuses_, {});
  rollup.features_dropped = std::exchange(features_dropped_, 0);
  rollup.latency_ms = sketch::NumericSummary::of(latencies_ms_);
  latencies_ms_.clear();
  rollup.hosts = hosts_.take();
  rollup.hosts.bound(Rollup::kHostsMax);
  std::vector<std::size_t> slots;
  for (std::size_t slot = 0; slot < features_.size(); ++slot) {
    FeatureFold& fold = features_[slot];
    if (fold.empty()) continue;  // Or left over from a service with more features.
    assert(slot < pointers.size());
    slots.push_back(slot);
    FeatureRollup& feature = rollup.features[pointers[slot]];
    feature.numbers = sketch::NumericSummary::of(fold.numbers);
    feature.texts = fold.texts.take();
    feature.nulls = std::exchange(fold.nulls, 0);
    feature.others = std::exchange(fold.others, 0);
    feature.segment = std::exchange(fold.segment, false);
    fold.numbers.clear();
  }
  rollup.rows = take_rows(pointers, slots, rollup);
  return rollup;
}

// `slots`: those that have a feature in `rollup`.
sketch::RowSample BucketFold::take_rows(const std::vector<std::string>& pointers,
                                        const std::vector<std::size_t>& slots,
                                        const Rollup& rollup) {
  const std::vector<sketch::Column> columns = sampled_columns(rollup);
  RowFold::Places places(pointers.size(), RowFold::kNowhere);
  for (const std::size_t slot : slots) {
    places[slot] = find_feature(columns, pointers[slot]).value_or(RowFold::kNowhere);
  }
  return rows_.take(columns, places);
}

}  // namespace driftguard::rollup

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace driftguard::store {

// Adds summaries up as they are read. An hour of them may be far larger than their sum, so they
// are merged whenever they pass kBytesMax. Not thread-safe; `merge` must outlive it.
class PartSum final {
 public:
  static constexpr std::size_t kBytesMax = 8u << 20;

  explicit PartSum(const MergeSummaries& merge) : merge_(merge) {}

  // kCorrupt when they do not merge.
  Result<void> add(std::string_view summary) {
    parts_.emplace_back(summary);
    bytes_ += summary.size();
    return bytes_ > kBytesMax ? merge_parts() : Result<void>();
  }
  // The sum of all that was added; empty if nothing was. kCorrupt as above.
  Result<std::optional<std::string>> take() {
    if (parts_.size() > 1) {
      if (auto merged = merge_parts(); !merged) return merged.error();
    }
    if (parts_.empty()) return std::optional<std::string>();
    return std::optional(std::move(parts_.front()));
  }

 private:
  Result<void> merge_parts() {
    const std::vector<std::string_view> views(parts_.begin(), parts_.end());
    auto merged = merge_(views);
    if (!merged) return Error{ErrorCode::kCorrupt, merged.error().detail};
    parts_.assign(1, *std::move(merged));
    // What is left counts as nothing, or a sum beyond the limit would be merged with each part.
    bytes_ = 0;
    return {};
  }

  const MergeSummaries& merge_;
  std::vector<std::string> parts_;
  std::size_t bytes_ = 0;
};

}  // namespace driftguard::store

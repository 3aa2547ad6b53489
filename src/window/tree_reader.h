// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "window/assembly.h"
#include "window/rollup_tree.h"

namespace driftguard::window {

// One read of one (service, endpoint). Not thread-safe; any number may read one tree at once.
class RollupTree::Reader final {
 public:
  Reader(RollupTree& tree, store::SegmentFilter filter, std::uint32_t segment);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The sum of buckets [first, last).
  Result<Sum> sum(std::int64_t first, std::int64_t last);

 private:
  using Parts = std::vector<Sum>;  // None of them null.

  Result<void> gather(std::span<const Place> places, Parts* parts);
  Result<Sum> sum_of_children(const Place& place);
  Result<void> read_store(std::span<const Place> places, Parts* parts);
  Sum settled_sum(std::int64_t first, const Parts& parts);
  std::optional<Sum> cached(const Place& place);
  bool cold(const Place& place);
  void keep(const Place& place, Sum sum, Room room);

  RollupTree& tree_;
  const store::SegmentFilter filter_;
  const std::uint32_t segment_;
  std::list<Reading>::iterator reading_;
};

}  // namespace driftguard::window

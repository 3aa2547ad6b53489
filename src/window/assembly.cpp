// SPDX-License-Identifier: Apache-2.0
#include "window/assembly.h"

#include <cassert>

namespace driftguard::window {

Sum sum_of(std::span<const Sum> parts) {
  if (parts.empty()) return nullptr;
  if (parts.size() == 1) return parts.front();
  rollup::RollupSum sum;
  for (const Sum& part : parts) sum.add(*part);
  return std::make_shared<const rollup::Rollup>(sum.take());
}

void Assembly::add(std::int64_t bucket, int level, Sum part) {
  while (bucket >= wanted_[current_].last()) finish_wanted();
  const Place& wanted = wanted_[current_];
  assert(bucket >= wanted.first() && level <= wanted.level);
  for (int l = 0; l < wanted.level; ++l) {
    const OpenNode& node = open_[static_cast<std::size_t>(l)];
    if (!node.parts.empty() && node.index != place_of(l, bucket).index) close(l);
  }
  OpenNode& node = open_[static_cast<std::size_t>(level)];
  node.index = place_of(level, bucket).index;
  node.parts.push_back(std::move(part));
}

void Assembly::finish() {
  while (current_ < wanted_.size()) finish_wanted();
}

// A node inside of a wanted one is complete.
void Assembly::close(int level) {
  OpenNode& node = open_[static_cast<std::size_t>(level)];
  const Place place{level, node.index};
  const Sum sum = sum_of(node.parts);
  node.parts.clear();
  OpenNode& above = open_[static_cast<std::size_t>(level) + 1];
  above.index = place_of(level + 1, place.first()).index;
  above.parts.push_back(sum);
  made_(place, sum, false);
}

void Assembly::finish_wanted() {
  const Place& wanted = wanted_[current_];
  for (int l = 0; l < wanted.level; ++l) {
    if (!open_[static_cast<std::size_t>(l)].parts.empty()) close(l);
  }
  OpenNode& node = open_[static_cast<std::size_t>(wanted.level)];
  made_(wanted, sum_of(node.parts), true);
  node.parts.clear();
  ++current_;
}

}  // namespace driftguard::window

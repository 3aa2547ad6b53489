// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "rollup/rollup.h"
#include "window/place.h"

namespace driftguard::window {

using Sum = std::shared_ptr<const rollup::Rollup>;  // Null: no events.

// The sum of `parts`, none of them null.
Sum sum_of(std::span<const Sum> parts);

// Makes nodes out of what a store reads, in one pass over it in the order of time. What is held at
// once is a few parts a level, however long the stretch. Not thread-safe.
class Assembly final {
 public:
  // Hears of each wanted place in order, null if it is empty, and before it of the nodes inside
  // that were made on the way; not of empty ones, nor of what a wider sum stood for.
  using Made = std::function<void(const Place& place, Sum sum, bool wanted)>;

  // `wanted` are consecutive places; they must outlive this.
  Assembly(std::span<const Place> wanted, Made made) : wanted_(wanted), made_(std::move(made)) {}

  // What begins at this bucket and is as wide as a node of `level`; inside of a wanted place and
  // not before what was added last. A bucket may come in several parts.
  void add(std::int64_t bucket, int level, Sum part);
  void finish();  // Everything was added.

 private:
  struct OpenNode {
    std::int64_t index = 0;
    std::vector<Sum> parts;
  };

  void close(int level);
  void finish_wanted();

  const std::span<const Place> wanted_;
  const Made made_;
  std::size_t current_ = 0;  // Of wanted_.
  std::array<OpenNode, kNodeBuckets.size()> open_;
};

}  // namespace driftguard::window

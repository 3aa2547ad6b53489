// SPDX-License-Identifier: Apache-2.0
// The mergeable summary of a categorical feature: counts by category, exact up to kCapacity
// categories. Beyond it only the categories are kept whose hash ends in at least `level` zero
// bits (distinct sampling, Gibbons 2001), the rest counts as `other`. Which are kept depends on
// the set of categories alone, so the summary is the same for any order and grouping of arrivals
// and merges, and every kept count is exact; docs/decisions/0003.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace driftguard::sketch {

struct Category {
  std::string name;
  std::uint64_t count;
  friend bool operator==(const Category&, const Category&) = default;
};

// The name a text is counted under: itself, or, beyond kCategoryBytesMax bytes, its beginning
// with the hash of the whole, so that different long texts stay different.
inline constexpr std::size_t kCategoryBytesMax = 200;
std::string category_name(std::string_view text);

// Immutable in use; safe to read from many threads.
class CategoryCounts final {
 public:
  static constexpr std::size_t kCapacity = 4096;

  CategoryCounts() = default;
  // In any order; equal names are added. Names as category_name() gives them.
  static CategoryCounts of(std::vector<Category> categories);

  void merge(const CategoryCounts& other);

  std::uint64_t count() const { return count_; }
  int level() const { return level_; }
  bool lossless() const { return level_ == 0; }
  // Of the categories not kept.
  std::uint64_t other() const { return other_; }
  std::span<const Category> categories() const { return categories_; }  // Ascending by name.
  // About how many distinct categories there were; exact when lossless().
  std::uint64_t distinct_estimate() const { return std::uint64_t{categories_.size()} << level_; }

  // Samples until at most `capacity` categories are kept; depends on the set of categories alone.
  void bound(std::size_t capacity);

  // These counts, found at `level`, with `other` events of categories not kept.
  CategoryCounts with_other(int level, std::uint64_t other) const;

  // These counts sampled at `level` or coarser.
  CategoryCounts sampled(int level) const;

  void encode(ByteWriter& out) const;
  static CategoryCounts decode(ByteReader& in);  // Malformed bytes turn `in` not ok.

  friend bool operator==(const CategoryCounts&, const CategoryCounts&) = default;

 private:
  void sample(int level);

  std::uint64_t count_ = 0;
  std::uint64_t other_ = 0;
  int level_ = 0;
  std::vector<Category> categories_;
};

}  // namespace driftguard::sketch

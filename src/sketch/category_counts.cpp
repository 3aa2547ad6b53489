// SPDX-License-Identifier: Apache-2.0
#include "sketch/category_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "core/hash.h"

namespace driftguard::sketch {
namespace {

constexpr int kLevelMax = 63;

int level_of(std::string_view name) { return std::min(std::countr_zero(hash64(name)), kLevelMax); }

// `text` cut to at most `bytes`, not inside a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

bool by_name(const Category& a, const Category& b) { return a.name < b.name; }

}  // namespace

std::string category_name(std::string_view text) {
  if (text.size() <= kCategoryBytesMax) return std::string(text);
  constexpr std::size_t kHashBytes = 20;  // "…#" and 16 hexadecimal digits.
  return fmt::format("{}…#{:016x}", utf8_prefix(text, kCategoryBytesMax - kHashBytes),
                     hash64(text));
}

CategoryCounts CategoryCounts::of(std::vector<Category> categories) {
  std::sort(categories.begin(), categories.end(), by_name);
  CategoryCounts counts;
  for (Category& category : categories) {
    counts.count_ += category.count;
    if (!counts.categories_.empty() && counts.categories_.back().name == category.name) {
      counts.categories_.back().count += category.count;
    } else {
      counts.categories_.push_back(std::move(category));
    }
  }
  counts.bound(kCapacity);
  return counts;
}

void CategoryCounts::merge(const CategoryCounts& other) {
  if (other.count_ == 0) return;
  std::vector<Category> unknown;
  auto mine = categories_.begin();
  for (const Category& theirs : other.categories_) {
    int order = -1;
    while (mine != categories_.end() && (order = mine->name.compare(theirs.name)) < 0) ++mine;
    if (mine != categories_.end() && order == 0) {
      mine->count += theirs.count;
    } else {
      unknown.push_back(theirs);
    }
  }
  if (!unknown.empty()) {
    const auto known = static_cast<std::ptrdiff_t>(categories_.size());
    std::move(unknown.begin(), unknown.end(), std::back_inserter(categories_));
    std::inplace_merge(categories_.begin(), categories_.begin() + known, categories_.end(),
                       by_name);
  }
  count_ += other.count_;
  other_ += other.other_;
  const int common = std::max(level_, other.level_);
  if (level_ != other.level_) sample(common);
  bound(kCapacity);
}

CategoryCounts CategoryCounts::with_other(int level, std::uint64_t other) const {
  CategoryCounts copy = sampled(std::clamp(level, 0, kLevelMax));
  copy.other_ += other;
  copy.count_ += other;
  return copy;
}

CategoryCounts CategoryCounts::sampled(int level) const {
  CategoryCounts copy = *this;
  if (level > level_) copy.sample(level);
  return copy;
}

void CategoryCounts::sample(int level) {
  level_ = level;
  std::erase_if(categories_, [&](const Category& category) {
    if (level_of(category.name) >= level_) return false;
    other_ += category.count;
    return true;
  });
}

void CategoryCounts::bound(std::size_t capacity) {
  while (categories_.size() > capacity && level_ < kLevelMax) sample(level_ + 1);
}

void CategoryCounts::encode(ByteWriter& out) const {
  out.varint(count_);
  if (count_ == 0) return;
  out.u8(static_cast<std::uint8_t>(level_));
  out.varint(other_);
  out.varint(categories_.size());
  for (const Category& category : categories_) {
    out.text(category.name);
    out.varint(category.count);
  }
}

CategoryCounts CategoryCounts::decode(ByteReader& in) {
  CategoryCounts counts;
  counts.count_ = in.varint();
  if (counts.count_ == 0) return counts;
  counts.level_ = std::min<int>(in.u8(), kLevelMax);
  counts.other_ = in.varint();
  const std::uint64_t size = in.varint();
  counts.categories_.reserve(std::min<std::uint64_t>(size, kCapacity));
  for (std::uint64_t i = 0; i < size && in.ok(); ++i) {
    const std::string_view name = in.text();
    counts.categories_.push_back({std::string(name), in.varint()});
  }
  return counts;
}

}  // namespace driftguard::sketch

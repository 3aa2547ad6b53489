// SPDX-License-Identifier: Apache-2.0
// The places of nodes in the tree over time: stretches of 1, 2, 6, ... buckets, each level made of
// a few whole ones of the level below. Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rollup/bucket.h"

namespace driftguard::window {

// In buckets. Two levels are those of which stores keep sums: a minute (6) and an hour (360). The
// largest is a day.
inline constexpr std::array<std::int64_t, 11> kNodeBuckets{1,   2,   6,    12,   24,  72,
                                                           360, 720, 1440, 4320, 8640};
inline constexpr int kTopLevel = static_cast<int>(kNodeBuckets.size()) - 1;

constexpr std::int64_t buckets_of(int level) {
  return kNodeBuckets[static_cast<std::size_t>(level)];
}

// The level of nodes as wide as this; zero stands for a single bucket, as stores say it.
constexpr int level_of(std::chrono::seconds width) {
  for (int level = 0; level <= kTopLevel; ++level) {
    if (buckets_of(level) * rollup::kBucketWidth == width) return level;
  }
  assert(width.count() == 0);
  return 0;
}
static_assert(level_of(std::chrono::minutes(1)) == 2 && level_of(std::chrono::hours(1)) == 6);

// One node's stretch.
struct Place {
  std::int32_t level;
  std::int64_t index;  // Of the stretch, counted from 1970 in its own width.

  std::int64_t first() const { return index * buckets_of(level); }  // Bucket.
  std::int64_t last() const { return first() + buckets_of(level); }
  friend bool operator==(const Place&, const Place&) = default;
};

// The place on a level that holds the bucket, also before 1970.
inline Place place_of(int level, std::int64_t bucket) {
  const std::int64_t width = buckets_of(level);
  return {level, bucket / width - (bucket % width < 0 ? 1 : 0)};
}

// The places that `place` is made of; empty for a single bucket.
inline std::vector<Place> children_of(const Place& place) {
  std::vector<Place> children;
  if (place.level == 0) return children;
  Place child = place_of(place.level - 1, place.first());
  for (; child.first() < place.last(); ++child.index) children.push_back(child);
  return children;
}

// The largest places that together are the buckets [first, last), in order.
inline std::vector<Place> cover(std::int64_t first, std::int64_t last) {
  std::vector<Place> places;
  while (first < last) {
    int level = 0;
    while (level < kTopLevel && first % buckets_of(level + 1) == 0 &&
           first + buckets_of(level + 1) <= last) {
      ++level;
    }
    places.push_back(place_of(level, first));
    first += buckets_of(level);
  }
  return places;
}

}  // namespace driftguard::window

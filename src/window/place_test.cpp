// SPDX-License-Identifier: Apache-2.0
#include "window/place.h"

#include <gmock/gmock.h>

namespace driftguard::window {
namespace {

using ::testing::ElementsAre;

TEST(Place, EachLevelIsMadeOfWholeOnesOfTheLevelBelow) {
  for (int level = 1; level <= kTopLevel; ++level) {
    EXPECT_EQ(buckets_of(level) % buckets_of(level - 1), 0) << level;
    EXPECT_EQ(static_cast<std::int64_t>(children_of({level, -3}).size()) * buckets_of(level - 1),
              buckets_of(level));
  }
  EXPECT_TRUE(children_of({0, 5}).empty());
}

TEST(Place, ABucketBeforeTheEpochLiesInTheStretchBeforeZero) {
  EXPECT_EQ(place_of(2, -1), (Place{2, -1}));
  EXPECT_EQ(place_of(2, -6), (Place{2, -1}));
  EXPECT_EQ(place_of(2, -7), (Place{2, -2}));
  EXPECT_EQ(place_of(2, 5), (Place{2, 0}));
  EXPECT_EQ(place_of(2, -7).first(), -12);
}

TEST(Place, CoverIsTheWholeRangeInOrderWithoutOverlap) {
  for (const auto& [first, last] : {std::pair<std::int64_t, std::int64_t>{-8641, 26'000},
                                    {-7, 5},
                                    {359, 361},
                                    {0, 8640},
                                    {3, 3}}) {
    std::int64_t next = first;
    for (const Place& place : cover(first, last)) {
      EXPECT_EQ(place.first(), next);
      next = place.last();
    }
    EXPECT_EQ(next, last);
  }
}

TEST(Place, CoverTakesTheLargestPlaces) {
  EXPECT_THAT(cover(0, 8640), ElementsAre(Place{kTopLevel, 0}));
  EXPECT_THAT(cover(359, 8640 + 361),
              ElementsAre(Place{0, 359}, Place{6, 1}, Place{7, 1}, Place{8, 1}, Place{8, 2},
                          Place{9, 1}, Place{6, 24}, Place{0, 9000}));
}

}  // namespace
}  // namespace driftguard::window

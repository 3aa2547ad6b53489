// SPDX-License-Identifier: Apache-2.0
#include "window/assembly.h"

#include <gmock/gmock.h>

namespace driftguard::window {
namespace {

using ::testing::ElementsAre;

// What an assembly made, as "level:index=events", wanted ones with a star.
class AssemblyTest : public ::testing::Test {
 protected:
  Assembly assemble(const std::vector<Place>& wanted) {
    wanted_ = wanted;
    return {wanted_, [this](const Place& place, const Sum& sum, bool asked) {
              made_.push_back(std::to_string(place.level) + ":" + std::to_string(place.index) +
                              "=" + std::to_string(sum ? sum->events : 0) + (asked ? "*" : ""));
            }};
  }
  static Sum events(std::uint64_t count) {
    auto rollup = std::make_shared<rollup::Rollup>();
    rollup->events = count;
    return rollup;
  }

  std::vector<Place> wanted_;
  std::vector<std::string> made_;
};

TEST_F(AssemblyTest, EmptyPlacesAreMadeToo) {
  Assembly assembly = assemble({{2, 0}, {2, 1}});
  assembly.finish();
  EXPECT_THAT(made_, ElementsAre("2:0=0*", "2:1=0*"));
}

TEST_F(AssemblyTest, PartsOfABucketAddUp) {
  Assembly assembly = assemble({{0, 7}, {2, 2}});
  assembly.add(7, 0, events(1));
  assembly.add(7, 0, events(2));
  assembly.add(13, 0, events(4));
  assembly.finish();
  EXPECT_THAT(made_, ElementsAre("0:7=3*", "0:13=4", "1:6=4", "2:2=4*"));
}

TEST_F(AssemblyTest, SumsStandForWhatLiesBelow) {
  Assembly assembly = assemble({{7, 0}});
  assembly.add(0, 0, events(1));
  assembly.add(3, 0, events(1));
  assembly.add(6, 2, events(10));     // A minute.
  assembly.add(360, 6, events(100));  // An hour.
  assembly.finish();
  EXPECT_THAT(made_, ElementsAre("0:0=1", "1:0=1", "0:3=1", "1:1=1", "2:0=2", "2:1=10", "3:0=12",
                                 "4:0=12", "5:0=12", "6:0=12", "6:1=100", "7:0=112*"));
}

TEST_F(AssemblyTest, PlacesBeforeTheEpochAreAssembled) {
  Assembly assembly = assemble({{2, -2}, {2, -1}, {2, 0}});
  assembly.add(-12, 0, events(1));
  assembly.add(-1, 0, events(2));
  assembly.finish();
  EXPECT_THAT(made_,
              ElementsAre("0:-12=1", "1:-6=1", "2:-2=1*", "0:-1=2", "1:-1=2", "2:-1=2*", "2:0=0*"));
}

}  // namespace
}  // namespace driftguard::window

// SPDX-License-Identifier: Apache-2.0
#include "store/disk_watch.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace driftguard::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DiskWatchTest : public ::testing::Test {
 protected:
  void look_at(std::uint64_t free_bytes) {
    free_bytes_ = free_bytes;
    watch_.look();
  }
  // Looks once a minute while the free bytes go from one value to the other.
  void go(double from, double to, int steps) {
    for (int i = 0; i <= steps; ++i) {
      look_at(static_cast<std::uint64_t>(from + (to - from) * i / steps));
      clock_.advance(minutes(1));
    }
  }

  static constexpr std::uint64_t kTotal = 1'000'000'000'000;
  ManualClock clock_{time_from_us(0)};
  std::uint64_t free_bytes_ = 0;
  bool fails_ = false;
  std::vector<bool> warnings_;
  DiskWatch watch_{clock_,
                   {.free_percent_min = 10, .full_in_min = hours(24)},
                   [this]() -> Result<DiskSpace> {
                     if (fails_) return Error{ErrorCode::kUnavailable, "no disk"};
                     return DiskSpace{free_bytes_, kTotal};
                   },
                   [this](const DiskFigures& figures) { warnings_.push_back(figures.warning); }};
};

TEST_F(DiskWatchTest, WarningBeginsBelowTheShareAndEndsALittleAbove) {
  look_at(kTotal / 10);
  EXPECT_THAT(warnings_, IsEmpty());
  look_at(kTotal / 10 - 1);
  look_at(kTotal / 20);
  EXPECT_THAT(warnings_, ElementsAre(true));
  look_at(kTotal / 100 * 10 + 1);
  EXPECT_THAT(warnings_, ElementsAre(true));
  look_at(kTotal / 100 * 11 + 1);
  EXPECT_THAT(warnings_, ElementsAre(true, false));
}

TEST_F(DiskWatchTest, DiskThatFillsSoonIsAWarningHoweverMuchIsFree) {
  go(9e11, 8e11, 5);
  EXPECT_FALSE(watch_.figures()->full_in);  // Too little has been seen.
  go(8e11, 5e11, 15);
  EXPECT_THAT(warnings_, ElementsAre(true));
  ASSERT_TRUE(watch_.figures()->full_in);
  EXPECT_NEAR(static_cast<double>(watch_.figures()->full_in->count()), 5e11 / (4e11 / 1260), 100);
}

TEST_F(DiskWatchTest, SlowGrowthIsToldButNoWarning) {
  go(9e11, 8.999e11, 30);  // 0.2 GB an hour.
  ASSERT_TRUE(watch_.figures()->full_in);
  EXPECT_GT(*watch_.figures()->full_in, hours(4000));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(DiskWatchTest, GrowthOfLongAgoIsForgotten) {
  go(9e11, 5e11, 20);
  EXPECT_THAT(warnings_, ElementsAre(true));
  go(5e11, 5e11, 70);
  EXPECT_FALSE(watch_.figures()->full_in);
  EXPECT_THAT(warnings_, ElementsAre(true, false));
}

TEST_F(DiskWatchTest, ClockSetBackStartsTheTrendAnew) {
  go(9e11, 8e11, 20);
  clock_.advance(-hours(5));
  look_at(800'000'000'000);
  EXPECT_FALSE(watch_.figures()->full_in);
}

TEST_F(DiskWatchTest, NoFiguresWhileTheSystemSaysNothing) {
  look_at(kTotal / 2);
  fails_ = true;
  watch_.look();
  EXPECT_FALSE(watch_.figures());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST(DiskSpace, ADirectoryHasADisk) {
  const auto space = disk_space(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(space) << space.error().detail;
  EXPECT_GT(space->total_bytes, 0u);
  EXPECT_LE(space->free_bytes, space->total_bytes);
  EXPECT_FALSE(disk_space("/nowhere/at/all"));
}

}  // namespace
}  // namespace driftguard::store

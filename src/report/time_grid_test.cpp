// SPDX-License-Identifier: Apache-2.0
#include "report/time_grid.h"

#include <gtest/gtest.h>

#include <random>

namespace driftguard::report {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Time at(const char* text) { return *parse_rfc3339(text); }

TEST(TimeGrid, TakesTheShortestRoundStepsThatFit) {
  const TimeGrid grid = grid_over({at("2025-01-01T12:03:20Z"), at("2025-01-01T12:33:20Z")}, 60);
  EXPECT_EQ(grid.step, seconds(60));
  EXPECT_EQ(grid.from, at("2025-01-01T12:03:00Z"));
  EXPECT_EQ(grid.to(), at("2025-01-01T12:34:00Z"));
}

TEST(TimeGrid, AWeekInSixtyStepsHasStepsOfThreeHours) {
  const Time to = at("2025-01-08T00:00:00Z");
  const TimeGrid grid = grid_over({to - hours(24 * 7), to}, 60);
  EXPECT_EQ(grid.step, hours(3));
  EXPECT_EQ(grid.steps, 56);
}

TEST(TimeGrid, StepsAreRoundAlsoBefore1970) {
  const TimeGrid grid = grid_over({at("1969-12-31T23:58:00Z"), at("1970-01-01T00:01:30Z")}, 4);
  EXPECT_EQ(grid.step, minutes(1));
  EXPECT_EQ(grid.from, at("1969-12-31T23:58:00Z"));
  EXPECT_EQ(grid.steps, 4);
}

TEST(TimeGrid, AnyRangeIsCoveredWithinTheBound) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000; ++i) {
    const auto magnitude = static_cast<int>(random() % 50);
    const Time from = time_from_us(static_cast<std::int64_t>(random() % 4'000'000'000'000'000) -
                                   2'000'000'000'000'000);
    const Time to =
        from + Microseconds(1 + static_cast<std::int64_t>(random() >> (63 - magnitude)));
    const auto most = static_cast<std::int64_t>(2 + random() % 499);
    const TimeGrid grid = grid_over({from, to}, most);
    ASSERT_LE(grid.from, from);
    ASSERT_GE(grid.to(), to);
    ASSERT_LE(grid.steps, most);
    ASSERT_GE(grid.steps, 1);
    ASSERT_LT(grid.to() - to, grid.step);
    ASSERT_EQ(us_since_epoch(grid.from) % Microseconds(grid.step).count(), 0);
  }
}

TEST(TimeGrid, UntilNowTheLastStepHoldsNow) {
  const TimeGrid grid = grid_until(at("2025-01-01T12:31:00Z"), minutes(15), 24);
  EXPECT_EQ(grid.from, at("2025-01-01T06:45:00Z"));
  EXPECT_EQ(grid.to(), at("2025-01-01T12:45:00Z"));
  EXPECT_EQ(grid_until(at("2025-01-01T12:45:00Z"), minutes(15), 24).to(),
            at("2025-01-01T13:00:00Z"));
}

}  // namespace
}  // namespace driftguard::report

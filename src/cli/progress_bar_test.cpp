// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_bar.h"

#include <gmock/gmock.h>

namespace driftguard::cli {
namespace {

using std::chrono::seconds;

TEST(ProgressText, TellsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_text({50, 200, 1'234'567, seconds(10)}, 0),
            " 25 %  1,234,567 events, 123,457/s, 30 s left");
}

TEST(ProgressText, LongTimesAreInMinutesAndHours) {
  EXPECT_THAT(progress_text({1, 100, 1, seconds(1)}, 0), testing::HasSubstr("1:39 min left"));
  EXPECT_THAT(progress_text({1, 100, 1, seconds(100)}, 0), testing::HasSubstr("2:45 h left"));
}

TEST(ProgressText, WithoutATotalThereIsNoShare) {
  EXPECT_EQ(progress_text({50, 0, 10, seconds(2)}, 80), "10 events, 5/s");
}

TEST(ProgressText, ATotalThatGrewStaysAtAHundred) {
  EXPECT_EQ(progress_text({300, 200, 10, seconds(2)}, 0), "100 %  10 events, 5/s");
}

TEST(ProgressText, TheBarFillsWhatTheTerminalHas) {
  const std::string text = progress_text({100, 200, 10, seconds(2)}, 79);
  EXPECT_EQ(text, "[===============>              ]  50 %  10 events, 5/s, 2 s left");
  for (std::size_t width = 1; width < 100; ++width) {
    EXPECT_LE(progress_text({100, 200, 10, seconds(2)}, width).size(), width);
  }
}

TEST(ProgressText, NothingYetIsNotDividedBy) {
  EXPECT_EQ(progress_text({0, 200, 0, seconds(0)}, 0), "  0 %  0 events, 0/s");
}

}  // namespace
}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"

#include <gtest/gtest.h>

namespace driftguard {
namespace {

std::string round_trip(std::string_view text) {
  auto parsed = parse_rfc3339(text);
  return parsed ? format_rfc3339(*parsed) : "error: " + parsed.error().detail;
}

TEST(Time, ReadsUtcAndOffsets) {
  EXPECT_EQ(round_trip("2025-01-01T00:00:00Z"), "2025-01-01T00:00:00.000Z");
  EXPECT_EQ(round_trip("2025-01-01T02:30:00+02:30"), "2025-01-01T00:00:00.000Z");
  EXPECT_EQ(round_trip("2024-12-31t22:00:00.5-02:00"), "2025-01-01T00:00:00.500Z");
}

TEST(Time, CutsBeyondMicroseconds) {
  EXPECT_EQ(round_trip("2025-01-01T00:00:00.123456789Z"), "2025-01-01T00:00:00.123456Z");
  EXPECT_EQ(round_trip("2025-01-01T00:00:00.1Z"), "2025-01-01T00:00:00.100Z");
}

TEST(Time, KnowsLeapDaysAndLeapSeconds) {
  EXPECT_EQ(round_trip("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(round_trip("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  EXPECT_FALSE(parse_rfc3339("2023-02-29T00:00:00Z"));
}

TEST(Time, ReadsTimesBeforeTheEpoch) {
  EXPECT_EQ(round_trip("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(round_trip("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000Z");
}

class BadTime : public ::testing::TestWithParam<const char*> {};

TEST_P(BadTime, IsRefusedWithAReason) {
  auto parsed = parse_rfc3339(GetParam());
  ASSERT_FALSE(parsed) << format_rfc3339(*parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(All, BadTime,
                         ::testing::Values("", "2025-01-01", "2025-01-01T00:00:00",
                                           "2025-01-01 00:00:00Z", "2025-13-01T00:00:00Z",
                                           "2025-00-10T00:00:00Z", "2025-01-32T00:00:00Z",
                                           "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z",
                                           "2025-01-01T00:00:61Z", "2025-01-01T00:00:00.Z",
                                           "2025-01-01T00:00:00+2:00", "2025-01-01T00:00:00+0200",
                                           "2025-01-01T00:00:00+24:00", "2025-01-01T00:00:00Zjunk",
                                           "0000-01-01T00:00:00Z", "-025-01-01T00:00:00Z",
                                           "1735689600", "2025-01-01T00:00:0xZ"));

TEST(Time, IntervalsAreTwoTimesInOrder) {
  const auto range = parse_interval("2025-01-01T00:00:00Z/2025-01-01T02:00:00+01:00");
  ASSERT_TRUE(range) << range.error().detail;
  EXPECT_EQ(range->to - range->from, std::chrono::hours(1));
  for (const char* text :
       {"", "/", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z/",
        "2025-01-01T00:00:00Z/2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z/2025-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_interval(text)) << text;
  }
}

TEST(Time, IntervalsAreSeparatedByCommas) {
  const std::string one = "2025-01-01T00:00:00Z/2025-01-02T00:00:00Z";
  EXPECT_TRUE(parse_intervals("")->empty());
  EXPECT_EQ(parse_intervals(one)->size(), 1u);
  EXPECT_EQ(parse_intervals(one + "," + one)->size(), 2u);
  EXPECT_FALSE(parse_intervals(one + ",,"));
  EXPECT_FALSE(parse_intervals(one + " " + one));
}

}  // namespace
}  // namespace driftguard

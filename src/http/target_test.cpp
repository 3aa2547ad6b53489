// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include <gtest/gtest.h>

namespace driftguard::http {
namespace {

TEST(Target, EscapesAreUndone) {
  EXPECT_EQ(percent_decode("a%20%C3%a9+"), "a \xc3\xa9+");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  for (const char* bad : {"%", "%4", "%4g", "%g4", "%00", "a%"}) {
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  }
}

TEST(Target, SegmentsAreSplitBeforeDecoding) {
  using Segments = std::vector<std::string>;
  EXPECT_EQ(path_segments("/"), Segments{""});
  EXPECT_EQ(path_segments("/a%2Fb/c"), (Segments{"a/b", "c"}));
  EXPECT_EQ(path_segments("/a//b/"), (Segments{"a", "", "b", ""}));
  for (const char* bad : {"/..", "/a/../b", "/%2e%2E/a", "/./a", "/a/."}) {
    EXPECT_EQ(path_segments(bad), std::nullopt) << bad;
  }
}

TEST(Target, QueryIsAMapInWhichTheLastWins) {
  using Map = std::map<std::string, std::string>;
  EXPECT_EQ(parse_query(""), Map{});
  EXPECT_EQ(parse_query("a=1&b&&c=x%3Dy=z&a=2"), (Map{{"a", "2"}, {"b", ""}, {"c", "x=y=z"}}));
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
}

}  // namespace
}  // namespace driftguard::http

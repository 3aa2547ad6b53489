// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace driftguard::http {
namespace {

void nothing(Request&&, const Respond&) {}

Router router_of(const std::vector<const char*>& patterns) {
  Router router;
  for (const char* pattern : patterns) router.add(Method::kGet, pattern, nothing);
  return router;
}

std::string found(const Router& router, std::string_view path) {
  const Match match = router.find(Method::kGet, path);
  return match.route != nullptr ? match.route->pattern : "";
}

TEST(Router, LiteralWinsOverParameterOverTail) {
  const Router router = router_of({"/{rest...}", "/a/{b}", "/a/b", "/{a}/b", "/a/{b}/c"});
  EXPECT_EQ(found(router, "/a/b"), "/a/b");
  EXPECT_EQ(found(router, "/a/x"), "/a/{b}");
  EXPECT_EQ(found(router, "/x/b"), "/{a}/b");
  EXPECT_EQ(found(router, "/a/b/c"), "/a/{b}/c");
  EXPECT_EQ(found(router, "/a/b/d"), "/{rest...}");
  EXPECT_EQ(found(router, "/"), "/{rest...}");
}

TEST(Router, ParameterIsOneNonEmptyDecodedSegment) {
  const Router router = router_of({"/v/{name}"});
  EXPECT_EQ(router.find(Method::kGet, "/v/a%2Fb%20c").parameters.at("name"), "a/b c");
  EXPECT_EQ(found(router, "/v/a/b"), "");
  EXPECT_EQ(found(router, "/v/"), "");
  EXPECT_EQ(found(router, "/v"), "");
}

TEST(Router, TailTakesTheRestAndNothing) {
  const Router router = router_of({"/files/{path...}"});
  EXPECT_EQ(router.find(Method::kGet, "/files/a/b%20c").parameters.at("path"), "a/b c");
  EXPECT_EQ(router.find(Method::kGet, "/files/").parameters.at("path"), "");
  EXPECT_EQ(router.find(Method::kGet, "/files").parameters.at("path"), "");
}

TEST(Router, EncodedSlashDoesNotPartSegments) {
  const Router router = router_of({"/a/b"});
  EXPECT_EQ(found(router, "/a%2Fb"), "");
  EXPECT_EQ(found(router, "/%61/b"), "/a/b");
}

TEST(Router, TrailingSlashIsAnotherPath) {
  const Router router = router_of({"/a"});
  EXPECT_EQ(found(router, "/a/"), "");
}

TEST(Router, HeadFollowsGetAndAllowSaysSo) {
  Router router = router_of({"/a"});
  router.add(Method::kPost, "/a", nothing);
  EXPECT_EQ(router.find(Method::kHead, "/a").route->method, Method::kGet);
  const Match match = router.find(Method::kDelete, "/a");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_TRUE(match.path_known);
  EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
}

TEST(Router, OurOwnMistakesThrow) {
  Router router = router_of({"/a"});
  EXPECT_THROW(router.add(Method::kGet, "/a", nothing), std::invalid_argument);
  EXPECT_THROW(router.add(Method::kGet, "a", nothing), std::invalid_argument);
  EXPECT_THROW(router.add(Method::kGet, "/{a...}/b", nothing), std::invalid_argument);
  EXPECT_THROW(router.add(Method::kOther, "/b", nothing), std::invalid_argument);
}

TEST(Router, TheFallbackAnswersReadsThatNothingElseDoes) {
  Router router;
  router.add(Method::kPost, "/known", [](Request&&, const Respond&) {});
  EXPECT_FALSE(router.find(Method::kGet, "/other").path_known);
  router.fall_back([](Request&&, const Respond&) {});
  EXPECT_EQ(router.find(Method::kGet, "/other").route->pattern, "*");
  EXPECT_EQ(router.find(Method::kHead, "/a/b").route->pattern, "*");
  EXPECT_FALSE(router.find(Method::kPost, "/other").path_known);
  EXPECT_FALSE(router.find(Method::kOptions, "/other").path_known);
  const Match known = router.find(Method::kGet, "/known");
  EXPECT_EQ(known.route, nullptr);
  EXPECT_EQ(known.allow, "POST, OPTIONS");
}

}  // namespace
}  // namespace driftguard::http

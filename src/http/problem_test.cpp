// SPDX-License-Identifier: Apache-2.0
#include "http/problem.h"

#include <gtest/gtest.h>

namespace driftguard::http {
namespace {

TEST(Problem, HasTheFourMembersAndTheFurtherOnes) {
  const Response response = problem(422, "Two events are invalid.",
                                    {.type = "/problems/invalid-events",
                                     .title = "Invalid events",
                                     .members = R"("error_count":2)"});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/invalid-events","title":"Invalid events","status":422,)"
            R"("detail":"Two events are invalid.","error_count":2})");
}

TEST(Problem, TypeAndTitleComeFromTheStatus) {
  EXPECT_EQ(problem(404, "No.").body,
            R"({"type":"/problems/not-found","title":"Not Found","status":404,"detail":"No."})");
}

TEST(Problem, StrangeBytesInTheDetailStayValidJson) {
  const std::string body = problem(400, "a\"\n\xff").body;
  EXPECT_NE(body.find("a\\\"\\n\xef\xbf\xbd"), std::string::npos) << body;
}

TEST(Problem, ErrorsKeepTheirMeaningAndInternalOnesTheirSecret) {
  EXPECT_EQ(problem(Error{ErrorCode::kInvalidArgument, ""}).status, 400);
  EXPECT_EQ(problem(Error{ErrorCode::kNotFound, ""}).status, 404);
  EXPECT_EQ(problem(Error{ErrorCode::kConflict, ""}).status, 409);
  EXPECT_EQ(problem(Error{ErrorCode::kTooLarge, ""}).status, 413);
  const Response busy = problem(Error{ErrorCode::kOverloaded, ""});
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.front().first, "Retry-After");
  const Response internal = problem(Error{ErrorCode::kInternal, "password"});
  EXPECT_EQ(internal.status, 500);
  EXPECT_EQ(internal.body.find("password"), std::string::npos);
}

}  // namespace
}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
#include "http/conditional.h"

#include <gtest/gtest.h>

namespace driftguard::http {
namespace {

TEST(Conditional, ATagIsFoundInAnyList) {
  const std::string tag = entity_tag("body");
  EXPECT_TRUE(names_tag(tag, tag));
  EXPECT_TRUE(names_tag(tag.substr(2), tag));  // Weak comparison.
  EXPECT_TRUE(names_tag("\"a\", W/\"b\" ," + tag, tag));
  EXPECT_TRUE(names_tag("*", tag));
}

TEST(Conditional, OtherTagsAndBrokenOnesAreNotThisOne) {
  const std::string tag = entity_tag("body");
  EXPECT_NE(entity_tag("other"), tag);
  for (const char* header : {"", "\"\"", "W/", "\"", "x", "\"a", ",,,", "W/W/\"a\""}) {
    EXPECT_FALSE(names_tag(header, tag)) << header;
  }
  EXPECT_FALSE(names_tag(entity_tag("other"), tag));
}

TEST(Conditional, A304SaysWhatThe200WouldHave) {
  Request request;
  request.headers = {{"if-none-match", "\"a\""}, {"if-none-match", entity_tag("body")}};
  EXPECT_TRUE(has_already(request, entity_tag("body")));
  const Response response = not_modified({{"ETag", "x"}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.headers.size(), 1u);
}

}  // namespace
}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include <gmock/gmock.h>

#include "client/testing_receiver.h"

namespace driftguard::client {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

HttpAnswer asking(const std::string& retry_after) {
  return {429, {{"retry-after", retry_after}}, ""};
}

TEST(HttpClient, PostsABodyWithItsHeaders) {
  TestingReceiver receiver([](std::size_t) { return testing_answer(200, "X-It: 1\r\n", "yes"); });
  auto client = HttpClient::make(receiver.url("/a"));
  const auto answer = client->call({"POST", "/b", "{}", "application/json", {{"X-Mine", "2"}}});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "yes");
  EXPECT_EQ(answer->headers.at("x-it"), "1");
  EXPECT_THAT(receiver.got()[0].head, HasSubstr("POST /a/b HTTP/1.1\r\n"));
  EXPECT_THAT(receiver.got()[0].head, HasSubstr("X-Mine: 2\r\n"));
  EXPECT_EQ(receiver.got()[0].body, "{}");
}

TEST(HttpClient, AnyUrlIsCalledAsItIsAndNeverNamed) {
  TestingReceiver receiver([](std::size_t) { return ""; });
  HttpOptions options;
  options.any_url = true;
  options.name = "slack";
  auto client = HttpClient::make(receiver.url("/geheim?k=v"), options);
  const auto answer = client->call({"POST", "/", "x"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().detail, HasSubstr("slack"));
  EXPECT_THAT(answer.error().detail, Not(HasSubstr("geheim")));
  EXPECT_THAT(receiver.got()[0].head, HasSubstr("POST /geheim?k=v HTTP/1.1"));
  EXPECT_THAT(HttpClient::make("ftp://h/geheim", options).error().detail, Not(HasSubstr("geheim")));
}

TEST(HttpClient, RedirectsAreAnswersLikeOthers) {
  TestingReceiver receiver(
      [](std::size_t) { return testing_answer(307, "Location: http://127.0.0.1:9/\r\n"); });
  auto client = HttpClient::make(receiver.url());
  EXPECT_EQ(client->call({"POST", "/", "x"})->status, 307);
  EXPECT_EQ(receiver.got().size(), 1u);
}

TEST(HttpClient, AnAnswerBeyondTheLimitIsAnErrorOrCut) {
  TestingReceiver receiver(
      [](std::size_t) { return testing_answer(200, "", std::string(100'000, 'x')); });
  HttpOptions options;
  options.answer_bytes_max = 1'000;
  EXPECT_EQ(HttpClient::make(receiver.url(), options)->call({}).error().code, ErrorCode::kTooLarge);
  options.cut_answers = true;
  const auto cut = HttpClient::make(receiver.url(), options)->call({});
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->status, 200);
  EXPECT_LE(cut->body.size(), 1'000u);
}

TEST(HttpClient, ACallEndsWhenItIsStopped) {
  std::atomic<bool> stop = false;
  TestingReceiver receiver([&](std::size_t) {
    stop = true;
    for (int i = 0; i < 50; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return testing_answer(200);
  });
  auto client = HttpClient::make(receiver.url());
  HttpCall call{"POST", "/", "x"};
  call.stop = &stop;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(client->call(call));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(4));
}

TEST(RetryAfter, IsSecondsOrADateOrNothing) {
  const Time now = *parse_rfc3339("2025-01-01T12:00:00Z");
  EXPECT_EQ(retry_after_of(asking("120"), now), seconds(120));
  EXPECT_EQ(retry_after_of(asking("Wed, 01 Jan 2025 12:01:00 GMT"), now), seconds(60));
  EXPECT_EQ(retry_after_of(asking("Wed, 01 Jan 2025 11:00:00 GMT"), now), seconds(0));
  EXPECT_EQ(retry_after_of(asking("soon"), now), std::nullopt);
  EXPECT_EQ(retry_after_of({}, now), std::nullopt);
}

}  // namespace
}  // namespace driftguard::client

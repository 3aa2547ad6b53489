// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <gmock/gmock.h>

#include "address.h"
#include "requests.h"

namespace driftguard::bench {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Time kNoon{Microseconds{1735732800'000000}};  // 2025-01-01T12:00:00Z.

std::string request(const LoadOptions& options, std::uint64_t number) {
  Requests requests(options, *parse_url(options.url), kNoon);
  std::string text;
  requests.write(text, number, {kNoon - Microseconds(3000), kNoon});
  return text;
}

TEST(Traffic, OneEventIsTheSeedsShape) {
  std::string json;
  append_json(json, {"client-7", 12345, "EUR", 200, 431}, kNoon);
  EXPECT_EQ(json, R"({"ts": "2025-01-01T12:00:00.000Z", "service": "payments_api", )"
                  R"("endpoint": "POST /v2/payments", "host": "client-7", )"
                  R"("request": {"body": {"amount": 123.45, "currency": "EUR"}}, )"
                  R"("response": {"status": 200, "duration_ms": 431}})");
}

TEST(Traffic, OneSeedIsOneSequence) {
  Traffic a(3);
  Traffic b(3);
  Traffic c(4);
  EXPECT_EQ(a.next().amount_cents, b.next().amount_cents);
  EXPECT_NE(a.next().amount_cents, c.next().amount_cents);
}

TEST(Requests, EventsHaveHappenedInTheLatestRange) {
  const std::string text = request({.url = "http://h:1", .batch = 3}, 0);
  EXPECT_THAT(text, StartsWith("POST /v1/ingest HTTP/1.1\r\nHost: h:1\r\n"));
  EXPECT_THAT(text, HasSubstr("2025-01-01T11:59:59.997Z"));
  EXPECT_THAT(text, HasSubstr("2025-01-01T11:59:59.999Z"));
  EXPECT_THAT(text, EndsWith("}}]"));
}

TEST(Requests, ASpanIsWalkedOnceByAGivenNumberOfRequests) {
  const LoadOptions options{.url = "http://h:1", .batch = 2, .requests = 60, .span_seconds = 60};
  EXPECT_THAT(request(options, 0), HasSubstr("2025-01-01T11:59:00.000Z"));
  EXPECT_THAT(request(options, 0), HasSubstr("2025-01-01T11:59:00.500Z"));
  EXPECT_THAT(request(options, 59), HasSubstr("2025-01-01T11:59:59.500Z"));
}

TEST(Requests, AGetHasTheUrlsTarget) {
  EXPECT_EQ(request({.url = "http://h/a?b=c", .get = true, .batch = 1}, 5),
            "GET /a?b=c HTTP/1.1\r\nHost: h:80\r\n\r\n");
}

TEST(ParseUrl, TakesAnAddressWithBrackets) {
  const Result<Address> address = parse_url("http://[::1]:8000/x");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, "8000");
  EXPECT_EQ(address->target, "/x");
}

TEST(ParseUrl, RefusesWhatIsNoHttp) {
  for (const char* url : {"", "https://h", "http://", "h:80", "http://h:"}) {
    EXPECT_FALSE(parse_url(url)) << url;
  }
}

TEST(RunLoad, SaysWhenNobodyListens) {
  const auto figures = run_load({.url = "http://127.0.0.1:1", .connections = 1});
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace driftguard::bench

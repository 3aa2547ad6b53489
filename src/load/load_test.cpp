// SPDX-License-Identifier: Apache-2.0
#include "load/load.h"

#include <gmock/gmock.h>

#include <set>
#include <string_view>
#include <utility>

#include "load/address.h"
#include "load/requests.h"

namespace driftguard::load {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
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
  Payment payment;
  payment.host = "client-7";
  payment.amount_cents = 12345;
  payment.currency = "EUR";
  payment.duration_ms = 431;
  append_json(json, payment, kNoon);
  EXPECT_EQ(json, R"({"ts": "2025-01-01T12:00:00.000Z", "service": "payments_api", )"
                  R"("endpoint": "POST /v2/payments", "host": "client-7", )"
                  R"("request": {"body": {"amount": 123.45, "currency": "EUR"}}, )"
                  R"("response": {"status": 200, "duration_ms": 431}})");
}

TEST(Traffic, OneSeedIsOneSequence) {
  Traffic a({.seed = 3});
  Traffic b({.seed = 3});
  Traffic c({.seed = 4});
  EXPECT_EQ(a.next().amount_cents, b.next().amount_cents);
  EXPECT_NE(a.next().amount_cents, c.next().amount_cents);
}

TEST(Traffic, WideTrafficVisitsEveryPairOnceATurn) {
  Traffic traffic({.services = 3, .endpoints = 2});
  std::set<std::pair<std::string_view, std::string_view>> pairs;
  for (int i = 0; i < 6; ++i) {
    const Payment payment = traffic.next();
    pairs.emplace(payment.service, payment.endpoint);
  }
  EXPECT_THAT(pairs, SizeIs(6));
  EXPECT_THAT(pairs, Contains(testing::Pair("service-2", "POST /v2/payments/1")));
}

TEST(Traffic, FurtherFeaturesAreNumbersAndTextsInTurn) {
  std::string json;
  Payment payment;
  payment.currency = "EUR";
  payment.others = {1234, 7};
  append_json(json, payment, kNoon);
  EXPECT_THAT(json, HasSubstr(R"("currency": "EUR", "f5": 12.34, "f6": "v7"}}, "response")"));
  EXPECT_THAT(Traffic({.features = 9}).next().others, SizeIs(5));
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
}  // namespace driftguard::load

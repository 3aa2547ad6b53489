// SPDX-License-Identifier: Apache-2.0
#include "report/where_desk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/testing_traffic.h"

namespace driftguard::report {
namespace {

using Json = nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(SharedOut, SharesAddUpAndMayBeNegative) {
  DriftPlace place;
  const auto shared =
      shared_out({{"a", {{90, 100}, {10, 100}}}, {"b", {{5, 100}, {15, 100}}}}, place);
  ASSERT_EQ(shared.size(), 2u);
  EXPECT_NEAR(shared[0].share, (0.45 - 0.05) / (0.475 - 0.125), 1e-12);
  EXPECT_NEAR(shared[0].share + shared[1].share, 1, 1e-12);
  EXPECT_LT(shared[1].share, 0);
}

TEST(SharedOut, WithoutABaselineTheShareAllowedIsExpected) {
  DriftPlace place;
  place.what = DriftPlace::What::kStatus;
  place.allowed = 0.01;
  const auto shared = shared_out({{"a", {{100, 500}, {0, 0}}}, {"b", {{5, 500}, {0, 0}}}}, place);
  ASSERT_EQ(shared.size(), 2u);
  EXPECT_NEAR(shared[0].share, 1, 1e-12);
  EXPECT_NEAR(shared[1].share, 0, 1e-12);
}

TEST(SharedOut, WhereNothingMovedThereIsNothingToShare) {
  EXPECT_TRUE(shared_out({{"a", {{10, 100}, {10, 100}}}}, {}).empty());
  EXPECT_TRUE(shared_out({{"a", {{10, 100}, {0, 0}}}}, {}).empty());
}

class WhereTest : public TrafficTest {
 protected:
  // An hour of amounts below 60 from h0 and h1; then half an hour in which h1 pays over 500 in
  // euros.
  void store_drift() {
    store("pay", start_, seconds(6), ramp(600, 0));
    ASSERT_TRUE(book_->build("pay", {start_, start_ + minutes(60)}));
    std::string lines;
    for (int i = 0; i < 300; ++i) {
      const bool odd = i % 2 == 1;
      const bool euro = i % 4 == 1;
      lines += fmt::format(R"({{"ts":"{}","service":"pay","endpoint":"/pay","host":"h{}",)"
                           R"("request":{{"body":{{"amount":{},"currency":"{}"}}}},)"
                           R"("response":{{"status":200,"duration_ms":100}}}})"
                           "\n",
                           format_rfc3339(start_ + minutes(60) + seconds(6) * i), odd ? 1 : 0,
                           euro ? 512 + i % 50 : i % 60, euro ? "EUR" : "USD");
    }
    store_lines(lines);
    clock_.set(start_ + minutes(90));
  }
  Json where(const std::string& check) {
    WhereDesk desk(sources(), config_);
    ReportQuery query;
    query.service = "pay";
    query.window_minutes = 30;
    Result<Where> found = desk.where(query, check);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? Json::parse(to_json(*found)) : Json();
  }
  static Json dimension(const Json& answer, const std::string& name) {
    for (const Json& one : answer["dimensions"]) {
      if (one["dimension"] == name || one.value("feature", "") == name) return one;
    }
    return nullptr;
  }
};

TEST_F(WhereTest, ARangeAHostAndACategoryAreNamed) {
  store_drift();
  const Json answer = where("amount_ks");
  EXPECT_EQ(answer["place"], "amount 500 and more");
  EXPECT_EQ(answer["sentence"], "100 % of the shift comes from currency EUR, amount 500 and more");
  EXPECT_EQ(dimension(answer, "range")["segments"][0]["from"], 500);
  EXPECT_EQ(dimension(answer, "host")["segments"][0]["name"], "h1");
  EXPECT_NEAR(dimension(answer, "host")["segments"][0]["share"].get<double>(), 1, 1e-9);
  EXPECT_EQ(dimension(answer, "currency")["segments"][0]["name"], "EUR");
  EXPECT_EQ(dimension(answer, "endpoint")["segments"][0]["name"], "/pay");
}

TEST_F(WhereTest, AnUnknownCheckIsNotFound) {
  store_drift();
  WhereDesk desk(sources(), config_);
  ReportQuery query;
  query.service = "pay";
  EXPECT_EQ(desk.where(query, "no_ks").error().code, ErrorCode::kNotFound);
}

TEST_F(WhereTest, WithoutDriftNothingStandsOut) {
  store("pay", start_, seconds(6), ramp(600, 0));
  ASSERT_TRUE(book_->build("pay", {start_, start_ + minutes(60)}));
  store("pay", start_ + minutes(60), seconds(6), ramp(300, 0));
  clock_.set(start_ + minutes(90));
  const Json answer = where("amount_ks");
  EXPECT_EQ(answer["sentence"], "Nothing stands out");
  EXPECT_TRUE(answer["share"].is_null());
  EXPECT_TRUE(answer["dimensions"].empty());
}

}  // namespace
}  // namespace driftguard::report

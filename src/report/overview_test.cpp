// SPDX-License-Identifier: Apache-2.0
#include "report/overview.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace driftguard::report {
namespace {

using Json = nlohmann::json;

OverviewRow row(const std::string& name, State state, double severity = 0.5) {
  auto outline = std::make_shared<SegmentOutline>();
  outline->state = state;
  Outline check;
  check.name = "x_ks";
  check.severity = severity;
  outline->checks.push_back(check);
  return {name, outline, {}};
}

OverviewPtr overview(std::vector<OverviewRow> rows) {
  auto made = std::make_shared<Overview>();
  made->grid = {Time{}, std::chrono::seconds(60), 2};
  for (OverviewRow& one : rows) {
    auto service = std::make_shared<OverviewService>();
    service->endpoints = {row("GET /" + one.name, one.outline->state)};
    service->endpoint_count = 1;
    service->row = std::move(one);
    made->services.push_back(std::move(service));
  }
  arrange(made.get());
  return made;
}

std::vector<std::string> shown(const OverviewPtr& made, const OverviewQuery& query) {
  std::vector<std::string> names;
  const Json json = Json::parse(to_json(*made, query));
  for (const Json& service : json["services"]) names.push_back(service["service"]);
  return names;
}

TEST(Overview, IsSortedByTrouble) {
  const OverviewPtr made = overview({row("quiet", State::kInsufficient), row("b", State::kOk, 0.1),
                                     row("a", State::kOk, 0.1), row("near", State::kOk, 0.9),
                                     row("worst", State::kFail, 9), row("bad", State::kFail, 2)});
  EXPECT_EQ(shown(made, {}), (std::vector<std::string>{"worst", "bad", "near", "a", "b", "quiet"}));
  EXPECT_EQ(made->totals.fail, 2u);
  EXPECT_EQ(made->totals.ok, 3u);
  EXPECT_EQ(made->totals.insufficient, 1u);
}

TEST(Overview, AnAlarmThatFiresComesBeforeEveryCheck) {
  auto made = std::make_shared<Overview>(*overview(
      {row("fails", State::kFail, 9), row("fires", State::kOk), row("quiet", State::kOk)}));
  auto fires = std::make_shared<OverviewService>(*made->services[1]);
  ASSERT_EQ(fires->row.name, "fires");
  fires->alarm = {alarm::State::kFiring, 2};
  made->services[1] = fires;
  arrange(made.get());
  EXPECT_EQ(shown(made, {}), (std::vector<std::string>{"fires", "fails", "quiet"}));
  EXPECT_EQ(made->totals.firing, 1u);
  const Json json = Json::parse(to_json(*made, {}));
  EXPECT_EQ(json["services"][0]["alarm"], (Json{{"state", "firing"}, {"firing", 2}}));
  EXPECT_TRUE(json["services"][1]["alarm"].is_null());
}

TEST(Overview, IsFilteredByNameOfServiceOrEndpointInAnyCase) {
  const OverviewPtr made = overview({row("Payments", State::kOk), row("search", State::kOk)});
  EXPECT_EQ(shown(made, {.text = "PAY"}), (std::vector<std::string>{"Payments"}));
  EXPECT_EQ(shown(made, {.text = "get /SEA"}), (std::vector<std::string>{"search"}));
  EXPECT_TRUE(shown(made, {.text = "none"}).empty());
  EXPECT_TRUE(shown(made, {.state = State::kFail}).empty());
}

TEST(Overview, IsPagedAndSaysHowManyMatched) {
  std::vector<OverviewRow> rows;
  for (char c = 'a'; c <= 'j'; ++c) rows.push_back(row(std::string(1, c), State::kOk));
  const OverviewPtr made = overview(std::move(rows));
  EXPECT_EQ(shown(made, {.limit = 3, .offset = 8}), (std::vector<std::string>{"i", "j"}));
  EXPECT_TRUE(shown(made, {.offset = 99}).empty());
  EXPECT_EQ(Json::parse(to_json(*made, {.limit = 1}))["matched"], 10);
}

TEST(Overview, AnyNameIsWrittenAsJson) {
  const std::string name = "a\"b\\c\n<script>\xE2\x80\xAE{}";
  const OverviewPtr made = overview({row(name, State::kOk)});
  EXPECT_EQ(shown(made, {}), std::vector<std::string>{name});
}

TEST(Overview, NumbersThatAreNoneAreNull) {
  auto outline = std::make_shared<SegmentOutline>();
  outline->success_rate = std::numeric_limits<double>::quiet_NaN();
  const Json json = Json::parse(to_json(*overview({{"s", outline, {}}}), {}));
  EXPECT_TRUE(json["services"][0]["success_rate"].is_null());
  EXPECT_TRUE(json["services"][0]["worst"].is_null());
}

TEST(Overview, ShowsTheSameWhateverTheTime) {
  const OverviewPtr first = overview({row("a", State::kOk)});
  auto later = std::make_shared<Overview>(*overview({row("a", State::kOk)}));
  later->generated_at += std::chrono::seconds(5);
  EXPECT_TRUE(show_the_same(*first, *later));
  EXPECT_FALSE(show_the_same(*first, *overview({row("a", State::kOk, 0.6)})));
  EXPECT_FALSE(show_the_same(*first, *overview({row("a", State::kOk), row("b", State::kOk)})));
  later->grid.from += std::chrono::seconds(60);
  EXPECT_FALSE(show_the_same(*first, *later));
}

}  // namespace
}  // namespace driftguard::report

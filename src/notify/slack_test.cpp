// SPDX-License-Identifier: Apache-2.0
#include "notify/slack.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "notify/testing_messages.h"

namespace driftguard::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Slack, SaysWhatSinceWhenHowSureHowBigAndWhere) {
  const auto json = slack_json(testing_message(testing_incident()));
  const std::string text = json.dump();
  EXPECT_EQ(json["blocks"][0]["text"]["text"], "pay: 1 alarm fires");
  EXPECT_THAT(text, HasSubstr("2025-01-01 11:59:20 UTC"));
  EXPECT_THAT(text, HasSubstr("by chance once in 127 years"));
  EXPECT_THAT(text, HasSubstr("21 % (16 % to 27 %), baseline 50 %"));
  EXPECT_THAT(text, HasSubstr("https://drift.example.org/alarms?service=pay"));
  EXPECT_THAT(json["text"].get<std::string>(), HasSubstr("pay: 1 alarm fires"));
}

TEST(Slack, NamesOfServicesAndFeaturesAreNoMarkup) {
  alert::Incident incident = testing_incident(0, "<!channel> & co");
  incident.alarms.push_back(testing_alarm("<http://evil|amount>"));
  incident.alarms[0].reason = "values \"<@U1>\"";
  const std::string text = slack_json(testing_message(incident))["blocks"].dump();
  EXPECT_THAT(text, Not(HasSubstr("<http")));
  EXPECT_THAT(text, Not(HasSubstr("<@U1")));
  EXPECT_THAT(text, HasSubstr("&lt;http://evil|amount&gt;"));
  EXPECT_THAT(slack_json(testing_message(incident))["text"].get<std::string>(),
              HasSubstr("&lt;!channel&gt; &amp; co"));
}

TEST(Slack, KeepsTheLimitsWhateverDrifts) {
  alert::Incident incident = testing_incident(200, std::string(200, 's'));
  incident.alarms_left_out = 50;
  for (alert::FiredAlarm& alarm : incident.alarms) {
    alarm.name = std::string(190, 'n') + "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9";
    alarm.reason = std::string(5'000, '&');
  }
  const auto json = slack_json(testing_message(incident));
  EXPECT_LE(json["blocks"].size(), 50u);
  for (const auto& block : json["blocks"]) {
    if (block["type"] == "section") {
      EXPECT_LE(block["text"]["text"].get<std::string>().size(), 6'000u);
    }
    if (block["type"] == "header") {
      EXPECT_LE(block["text"]["text"].get<std::string>().size(), 150u);
    }
  }
  EXPECT_THAT(json.dump(), HasSubstr("and 240 more alarms"));  // And every text is UTF-8.
}

TEST(Slack, AnIncidentThatIsOverSaysSo) {
  alert::Incident incident = testing_incident(2);
  close(&incident, std::chrono::minutes(90));
  Message message = testing_message(incident);
  message.event = alert::NoticeEvent::kResolved;
  const std::string text = slack_json(message).dump();
  EXPECT_THAT(text, HasSubstr("pay: the drift is over"));
  EXPECT_THAT(text, HasSubstr("over at 2025-01-01 13:30:00 UTC after 90 minutes"));
}

TEST(Slack, SilencedAlarmsAreCounted) {
  Message message = testing_message(testing_incident());
  message.silenced = 2;
  EXPECT_THAT(slack_json(message).dump(), HasSubstr("2 silenced"));
}

TEST(Slack, ATestSaysThatItIsOne) {
  const std::string text = slack_json(test_message(kTestNoon, "")).dump();
  EXPECT_THAT(text, HasSubstr("a test message"));
  EXPECT_THAT(text, Not(HasSubstr("\"url\"")));
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("\u00e9\u00e9\u00e9", 5), "\u00e9\u2026");
  EXPECT_EQ(shortened("abcdef", 5), "ab\u2026");
}

}  // namespace
}  // namespace driftguard::notify

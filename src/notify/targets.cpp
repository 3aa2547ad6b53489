// SPDX-License-Identifier: Apache-2.0
#include "notify/targets.h"

#include <nlohmann/json.hpp>

#include "notify/alertmanager.h"
#include "notify/command.h"
#include "notify/http_target.h"
#include "notify/slack.h"

namespace driftguard::notify {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::seconds;

constexpr const char* kSlack = "slack";
constexpr const char* kWebhook = "webhook";
constexpr const char* kAlertmanager = "alertmanager";
constexpr const char* kCommand = "command";

// Alertmanager takes an alert as over when it was not sent again for so many times.
constexpr int kMissedMax = 4;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Habits habits_of(const Config& config) {
  Habits habits;
  habits.group_wait = seconds(config.alert_group_wait_seconds);
  habits.repeat = std::chrono::minutes(config.alert_repeat_minutes);
  habits.interval_min = seconds(config.alert_interval_min_seconds);
  return habits;
}

// A second between messages: as Slack asks for.
Habits slack_habits(const Config& config) {
  Habits habits = habits_of(config);
  habits.spacing = seconds(1);
  return habits;
}

// It groups, waits and reminds by itself.
Habits alertmanager_habits(const Config& config) {
  Habits habits;
  habits.group_wait = seconds(0);
  habits.repeat = seconds(config.alertmanager_resend_seconds);
  habits.interval_min = seconds(0);
  habits.refreshed = true;
  return habits;
}

HttpTargetOptions options_of(const Config& config, const char* name, const std::string& url,
                             const Habits& habits) {
  HttpTargetOptions options;
  options.name = name;
  options.url = url;
  options.ca_file = config.alert_ca_file;
  options.timeout = seconds(config.alert_timeout_seconds);
  options.habits = habits;
  return options;
}

// Where alerts are posted to: below the address that people know.
std::string alerts_url(std::string base) {
  while (base.ends_with('/')) base.pop_back();
  return base + "/api/v2/alerts";
}

}  // namespace

Result<std::vector<std::unique_ptr<Target>>> make_targets(const Config& config,
                                                          const Clock& clock) {
  std::vector<std::unique_ptr<Target>> targets;
  const auto add = [&](const HttpTargetOptions& options, HttpTarget::Body body) -> Result<void> {
    Result<std::unique_ptr<Target>> made = HttpTarget::make(options, std::move(body), clock);
    if (!made) return made.error();
    targets.push_back(std::move(*made));
    return {};
  };
  if (!config.slack_webhook_url.empty()) {
    const auto options = options_of(config, kSlack, config.slack_webhook_url, slack_habits(config));
    const auto body = [](const Message& message) { return text_of(slack_json(message)); };
    if (auto added = add(options, body); !added) return added.error();
  }
  if (!config.alert_webhook_url.empty()) {
    auto options = options_of(config, kWebhook, config.alert_webhook_url, habits_of(config));
    options.secret = config.alert_webhook_secret;
    const auto body = [](const Message& message) { return text_of(message_json(message)); };
    if (auto added = add(options, body); !added) return added.error();
  }
  if (!config.alertmanager_url.empty()) {
    const Habits habits = alertmanager_habits(config);
    const auto options =
        options_of(config, kAlertmanager, alerts_url(config.alertmanager_url), habits);
    const auto body = [lasts = habits.repeat * kMissedMax](const Message& message) {
      return text_of(alertmanager_json(message, lasts));
    };
    if (auto added = add(options, body); !added) return added.error();
  }
  if (Result<std::vector<std::string>> words = split_words(config.alert_command);
      words && !words->empty()) {
    CommandOptions options{*words, seconds(config.alert_timeout_seconds)};
    targets.push_back(std::make_unique<CommandTarget>(std::move(options), habits_of(config)));
  }
  return targets;
}

std::vector<alert::NoticePlan> notice_plans(const Config& config) {
  std::vector<alert::NoticePlan> plans;
  const auto add = [&](const std::string& setting, const char* target, const Habits& habits) {
    if (!setting.empty()) plans.push_back({target, habits.group_wait});
  };
  add(config.slack_webhook_url, kSlack, slack_habits(config));
  add(config.alert_webhook_url, kWebhook, habits_of(config));
  add(config.alertmanager_url, kAlertmanager, alertmanager_habits(config));
  const Result<std::vector<std::string>> words = split_words(config.alert_command);
  if (words && !words->empty()) plans.push_back({kCommand, habits_of(config).group_wait});
  return plans;
}

}  // namespace driftguard::notify

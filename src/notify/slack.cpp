// SPDX-License-Identifier: Apache-2.0
#include "notify/slack.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace driftguard::notify {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kAlarmsMax = 10;
constexpr std::size_t kHeaderBytesMax = 150;
constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kReasonBytesMax = 800;
constexpr std::size_t kTextBytesMax = 2'900;

// As Slack asks for: these three alone are special in its text.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return safe;
}

Json plain(const std::string& text) { return {{"type", "plain_text"}, {"text", text}}; }

Json section(const std::string& markdown) {
  return {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", markdown}}}};
}

Json context(const std::string& markdown) {
  return {{"type", "context"},
          {"elements", Json::array({{{"type", "mrkdwn"}, {"text", markdown}}})}};
}

std::string alarm_text(const alert::FiredAlarm& alarm) {
  std::string text = fmt::format("*{}*{}\n{}", escaped(shortened(alarm.name, kNameBytesMax)),
                                 alarm.resolved_at ? " (over)" : "",
                                 escaped(shortened(alarm.reason, kReasonBytesMax)));
  text += fmt::format("\n_How sure:_ {}", surety_text(alarm));
  if (const std::string size = size_text(alarm); !size.empty()) {
    text += fmt::format("  _How big:_ {}", escaped(size));
  }
  return text;
}

std::string symbol_of(const Message& message) {
  return message.test ? ":wave:" : message.is_over() ? ":white_check_mark:" : ":rotating_light:";
}

}  // namespace

Json slack_json(const Message& message) {
  const std::string head = headline(message);
  Json blocks = Json::array();
  blocks.push_back({{"type", "header"}, {"text", plain(shortened(head, kHeaderBytesMax))}});
  blocks.push_back(section(symbol_of(message) + " " + escaped(when_text(message))));
  const auto alarms = chosen_alarms(message, kAlarmsMax);
  for (const alert::FiredAlarm* alarm : alarms) blocks.push_back(section(alarm_text(*alarm)));
  const std::size_t all = message.incident.alarms.size() + message.incident.alarms_left_out;
  std::string more;
  if (all > alarms.size()) more = fmt::format("and {} more alarms", all - alarms.size());
  if (message.silenced > 0) {
    more += fmt::format("{}{} silenced", more.empty() ? "" : "; ", message.silenced);
  }
  if (!more.empty()) blocks.push_back(context(more));
  if (const std::string link = link_of(message); !link.empty()) {
    blocks.push_back({{"type", "actions"},
                      {"elements", Json::array({{{"type", "button"},
                                                 {"text", plain("Open in driftguard")},
                                                 {"url", link}}})}});
  }
  blocks.push_back(context(fmt::format("driftguard, {}", escaped(message.id))));
  Json json;
  json["text"] = escaped(shortened(head + "\n" + when_text(message), kTextBytesMax));
  json["blocks"] = std::move(blocks);
  return json;
}

}  // namespace driftguard::notify

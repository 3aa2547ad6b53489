// SPDX-License-Identifier: Apache-2.0
#include "notify/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "alarm/reason.h"
#include "client/http_client.h"

namespace driftguard::notify {
namespace {

using alert::FiredAlarm;
using alert::NoticeEvent;

constexpr std::size_t kAlarmsInText = 10;

std::string minute_text(Time time) {
  // "2025-01-01T00:00:00.000Z"
  const std::string text = format_rfc3339(time);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 8));
}

std::size_t alarms_of(const Message& message) {
  return message.incident.alarms.size() + message.incident.alarms_left_out;
}

std::string counted_alarms(const Message& message) {
  const std::size_t count = alarms_of(message);
  return fmt::format("{} alarm{}", count, count == 1 ? "" : "s");
}

Time began_at(const alert::Incident& incident) {
  Time began = incident.opened_at;
  for (const FiredAlarm& alarm : incident.alarms) {
    began = std::min(began, alarm.started.value_or(alarm.fired_at));
  }
  return began;
}

}  // namespace

Message test_message(Time now, std::string page) {
  Message message;
  message.test = true;
  message.id = fmt::format("test-{}", us_since_epoch(now));
  message.now = now;
  message.page = std::move(page);
  message.incident.id = message.id;
  message.incident.service = "driftguard";
  message.incident.opened_at = now;
  return message;
}

std::string headline(const Message& message) {
  const std::string& service = message.incident.service;
  if (message.test) return "driftguard: a test message";
  if (message.is_over()) return fmt::format("{}: the drift is over", service);
  const std::size_t count = alarms_of(message);
  switch (message.event) {
    case NoticeEvent::kOpened:
    case NoticeEvent::kResolved:
      return fmt::format("{}: {} fire{}", service, counted_alarms(message), count == 1 ? "s" : "");
    case NoticeEvent::kReminder:
      return fmt::format("{}: still drifting, {}", service, counted_alarms(message));
  }
  return service;
}

std::string when_text(const Message& message) {
  const alert::Incident& incident = message.incident;
  if (message.test) return "Nothing drifts; somebody asked whether messages arrive.";
  const std::string told =
      fmt::format("Began at about {}, alarm at {}", minute_text(began_at(incident)),
                  minute_text(incident.opened_at));
  if (!incident.closed_at) return told + ".";
  const double seconds =
      std::chrono::duration<double>(*incident.closed_at - incident.opened_at).count();
  return fmt::format("{}, over at {} after {}{}.", told, minute_text(*incident.closed_at),
                     alarm::duration_text(seconds),
                     incident.closed_because == "resolved" || incident.closed_because.empty()
                         ? ""
                         : fmt::format(" ({})", incident.closed_because));
}

std::string surety_text(const FiredAlarm& alarm) {
  return fmt::format("by chance once in {}", alarm::duration_text(alarm.return_period_s));
}

std::string size_text(const FiredAlarm& alarm) {
  if (!alarm.effect) return {};
  const alarm::Effect& effect = *alarm.effect;
  return fmt::format("{:.3g} % ({:.3g} % to {:.3g} %), baseline {:.3g} %", effect.share * 100,
                     effect.low * 100, effect.high * 100, effect.baseline_share * 100);
}

std::string link_of(const Message& message) {
  if (message.page.empty()) return {};
  if (message.test) return message.page + "/";
  return client::TargetText(message.page + "/alarms")
      .add("service", message.incident.service)
      .text();
}

std::vector<const FiredAlarm*> chosen_alarms(const Message& message, std::size_t limit) {
  std::vector<const FiredAlarm*> chosen;
  for (const FiredAlarm& alarm : message.incident.alarms) chosen.push_back(&alarm);
  std::stable_sort(chosen.begin(), chosen.end(), [](const FiredAlarm* a, const FiredAlarm* b) {
    return std::tuple(a->resolved_at.has_value(), -a->return_period_s) <
           std::tuple(b->resolved_at.has_value(), -b->return_period_s);
  });
  chosen.resize(std::min(chosen.size(), limit));
  return chosen;
}

std::string plain_text(const Message& message) {
  std::string text = headline(message) + "\n" + when_text(message);
  const auto alarms = chosen_alarms(message, kAlarmsInText);
  for (const FiredAlarm* alarm : alarms) {
    text += fmt::format("\n{}: {}", alarm->name, alarm->reason);
  }
  if (alarms_of(message) > alarms.size()) {
    text += fmt::format("\nand {} more", alarms_of(message) - alarms.size());
  }
  if (const std::string link = link_of(message); !link.empty()) text += "\n" + link;
  return text;
}

nlohmann::ordered_json message_json(const Message& message) {
  nlohmann::ordered_json json;
  json["version"] = 1;
  json["id"] = message.id;
  json["event"] = message.test ? "test" : alert::event_name(message.event);
  json["reminder"] = message.number;
  json["sent_at"] = format_rfc3339(message.now);
  json["service"] = message.incident.service;
  json["headline"] = headline(message);
  json["text"] = plain_text(message);
  const std::string link = link_of(message);
  json["link"] = link.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(link);
  json["silenced_alarms"] = message.silenced;
  json["incident"] = alert::incident_json(message.incident);
  return json;
}

std::string shortened(const std::string& text, std::size_t bytes_max) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - std::min(bytes_max, kEllipsis.size());
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end).append(kEllipsis);
}

}  // namespace driftguard::notify

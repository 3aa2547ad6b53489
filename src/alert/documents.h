// SPDX-License-Identifier: Apache-2.0
// The keys under which alarms, and what is told of them, lie in a store.
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/time.h"

namespace driftguard::alert {

inline constexpr std::string_view kReferencesKind = "alarm_references";
inline constexpr std::string_view kStateKind = "alarm_state";
inline constexpr std::string_view kIncidentKind = "alarm_incident";
inline constexpr std::string_view kIncidentLogKind = "alarm_incident_log";
inline constexpr std::string_view kWaitingNoticeKind = "notice_waiting";
inline constexpr std::string_view kSilencesKind = "alarm_silences";
inline constexpr std::string_view kLeaseKind = "lease";

// Of one service; service names hold no control characters.
inline std::string document_key(std::string_view kind, std::string_view service) {
  return std::string(kind).append(1, '\0').append(service).append(1, '\0');
}
// Of one service at a moment, in order of time.
inline std::string document_key(std::string_view kind, std::string_view service, Time at) {
  std::string key = document_key(kind, service);
  ByteWriter(key).big_endian64(static_cast<std::uint64_t>(us_since_epoch(at)));
  return key;
}
// All of a kind.
inline std::string document_prefix(std::string_view kind) {
  return std::string(kind).append(1, '\0');
}

}  // namespace driftguard::alert

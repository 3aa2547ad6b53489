// SPDX-License-Identifier: Apache-2.0
// The keys under which alarms lie in a store.
#pragma once

#include <string>
#include <string_view>

namespace driftguard::alert {

inline constexpr std::string_view kReferencesKind = "alarm_references";
inline constexpr std::string_view kStateKind = "alarm_state";
inline constexpr std::string_view kIncidentKind = "alarm_incident";
inline constexpr std::string_view kLeaseKind = "lease";

// Of one service; service names hold no control characters.
inline std::string document_key(std::string_view kind, std::string_view service) {
  return std::string(kind).append(1, '\0').append(service).append(1, '\0');
}
// All of a kind.
inline std::string document_prefix(std::string_view kind) {
  return std::string(kind).append(1, '\0');
}

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>

#include "notify/message.h"

namespace driftguard::notify {

// The body of Prometheus Alertmanager's POST /api/v2/alerts: an alert a fired alarm of the
// incident. One that fires ends `lasts` from now unless it is sent again. Labels are alertname,
// service, alarm and subject, of 200 bytes at most, and the same every time. Pure.
nlohmann::ordered_json alertmanager_json(const Message& message, std::chrono::seconds lasts);

}  // namespace driftguard::notify

// SPDX-License-Identifier: Apache-2.0
// Alarms as the API gives them. Pure, safe from any thread.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "alert/backtest.h"
#include "alert/service_alarms.h"

namespace driftguard::alert {

nlohmann::ordered_json alarm_json(const alarm::Alarm& alarm);

// The whole of a service: its gravest state with since when, which alarms fire, and why.
nlohmann::ordered_json summary_json(const ServiceAlarms& alarms);

// Gives the name of the check that looks at the same as an alarm. Empty: none does at all times.
using CheckOf = std::function<std::optional<std::string>(const alarm::Alarm& alarm)>;

// The summary, every alarm, and the open incident.
nlohmann::ordered_json service_json(const ServiceAlarms& alarms, const CheckOf& check_of);

nlohmann::ordered_json backtest_json(const Backtest& backtest, const CheckOf& check_of);

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
// An alarm in one plain sentence with its numbers. Pure, safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "alarm/monitor.h"

namespace driftguard::alarm {

std::string reason_of(const Alarm& alarm, const Reference& reference, const Rules& rules);

// What the share at an edge or cell is a share of: "values up to 120.5", "values \"EUR\"".
std::string share_text(const Reference& reference, std::size_t place);

// "numbers", "categories", "missing", "type", "latency", "failures", "slow".
std::string_view subject_name(Subject subject);

// "ok", "pending", "firing", "resolved", "insufficient_data".
std::string_view state_name(State state);

// "3.4 years", "12 days", "5 minutes": two figures, the unit that suits.
std::string duration_text(double seconds);

}  // namespace driftguard::alarm

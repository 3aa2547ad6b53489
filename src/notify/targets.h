// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "alert/notice.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/result.h"
#include "notify/target.h"

namespace driftguard::notify {

// The receivers that the settings name: "slack", "webhook", "alertmanager", "command".
// kInvalidArgument: an address is none; it is not repeated. The clock must outlive them.
Result<std::vector<std::unique_ptr<Target>>> make_targets(const Config& config, const Clock& clock);

// What makes notices for them.
std::vector<alert::NoticePlan> notice_plans(const Config& config);

}  // namespace driftguard::notify

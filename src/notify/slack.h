// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "notify/message.h"

namespace driftguard::notify {

// The message for a Slack incoming webhook, in Block Kit: what drifts since when, how surely and
// how much of each alarm (ten at most), and a link. Keeps Slack's limits (50 blocks, 3,000
// characters a text, 150 a header); what services and events say cannot become markup or mention
// anybody. Pure.
nlohmann::ordered_json slack_json(const Message& message);

}  // namespace driftguard::notify

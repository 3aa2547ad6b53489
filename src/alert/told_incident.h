// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "alert/incident.h"
#include "alert/outbox.h"
#include "alert/silences.h"

namespace driftguard::alert {

// Incidents as the API gives them, in their order: each with who acknowledged it, whether it is
// silenced, and what was told to whom, or waits to be (reminders from when they are due). Safe from
// any thread.
Result<nlohmann::ordered_json> told_incidents(Outbox& outbox, Silences& silences,
                                              const std::vector<Incident>& incidents, Time now);

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
// Where states of alarms and incidents are kept: as documents of the store. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alert/notice.h"
#include "alert/service_state.h"
#include "store/store.h"

namespace driftguard::alert {

// Incidents kept of a service: the latest.
inline constexpr std::size_t kIncidentsKept = 1'000;

// Empty: none is stored. kCorrupt: what is stored does not read back.
Result<std::optional<StoredState>> load_state(store::Store& store, const std::string& service);

// Stores the state with its news and the notices of them, all or nothing, and clears the news; says
// whether `proof` held.
Result<bool> store_state(store::Store& store, std::span<const store::DocumentExpectation> proof,
                         ServiceState& service, std::span<const Notice> notices);

// Empty: there is none.
Result<std::optional<Incident>> load_incident(store::Store& store, const std::string& service,
                                              Time opened_at);
// kNotFound: there is none.
Result<Incident> find_incident(store::Store& store, const std::string& id);

// The latest first, at most `limit`; of all services if `service` is empty.
Result<std::vector<Incident>> list_incidents(store::Store& store, const std::string& service,
                                             std::size_t limit);

}  // namespace driftguard::alert

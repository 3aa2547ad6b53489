// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace driftguard::ingest {

// The fields of an event that driftguard itself reads; docs: the contract's table of the event.
struct EventFields {
  Time ts;
  std::string_view service;
  std::string_view endpoint;
  std::optional<std::string_view> host;
  std::optional<int> status;
  std::optional<double> duration_ms;
};

// Called with the pointer below the event ("/ts") and what is wrong there.
using FieldProblem = std::function<void(std::string_view pointer, std::string detail)>;

// Reads and checks the fields; every problem is reported, and any problem makes it false.
// `latest`: the latest time an event may have.
bool read_event_fields(const simdjson::dom::object& event, Time latest, EventFields* fields,
                       const FieldProblem& problem);

}  // namespace driftguard::ingest

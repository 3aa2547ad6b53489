// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/batch_sink.h"

namespace driftguard::cli {

// From the body of a 200: {"ingested": 698, "rejected": 2, "errors": [...]}.
BatchAnswer stored_answer(const std::string& json);

// The `errors` of an ingest answer, in JSON.
std::vector<ingest::EventError> event_errors(const std::string& json);

}  // namespace driftguard::cli

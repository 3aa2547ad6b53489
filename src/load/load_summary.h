// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "load/load.h"

namespace driftguard::load {

// What a run saw, as one line of JSON; rates are a second, latencies in milliseconds.
std::string to_json(const LoadOptions& options, const LoadFigures& figures);

// The same for people: a few lines, each ended.
std::string to_table(const LoadOptions& options, const LoadFigures& figures);

}  // namespace driftguard::load

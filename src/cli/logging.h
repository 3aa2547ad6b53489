// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/config.h"

namespace spdlog {
class logger;
}

namespace driftguard::cli {

// A logger to standard error: a line of text an entry, or one JSON object with `ts`, `level` and
// `msg`. Thread-safe.
std::shared_ptr<spdlog::logger> make_logger(const Config& config);

}  // namespace driftguard::cli

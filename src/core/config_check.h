// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config.h"

namespace driftguard {

// What no single key says: settings that do not go together, and texts that do not read.
// kInvalidArgument names the key; what may be a secret is not repeated.
Result<void> check_config(const Config& config);

}  // namespace driftguard

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/load.h"

namespace driftguard::cli {

// `send --bench`: loads the server as the options say and prints what it saw, as a table or as
// JSON. Gives the exit code: kFailed also where some requests failed.
int send_load(const load::LoadOptions& options, bool json);

}  // namespace driftguard::cli

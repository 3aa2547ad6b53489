// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/postgres/connection.h"

namespace driftguard::store {

// Brings the tables up to date, each step in a transaction of its own, under an advisory lock:
// any number of nodes may start at once. A database that already has observations_raw, made by
// hand, is taken over as it is. kInvalidArgument: a newer driftguard has been here.
Result<void> migrate(Connection& connection);

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"

namespace driftguard::store {

// What every engine demands of a commit before it touches anything: services and endpoints are
// free of NUL, which parts the keys of the embedded store and has no place in PostgreSQL's TEXT
// (kInvalidArgument), and no answer's key comes twice (kConflict). A pure function.
Result<void> check_commit(const Commit& commit);

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/postgres/connection.h"

namespace driftguard::store {

// What becomes of rows that nobody wants any more: they are read and dropped, or, where they may be
// many, the server is asked to stop (a connection of its own).
enum class Rest { kRead, kCancel };

// Streams the rows of what was sent; `take` returns false to end early.
template <typename Take>
Result<void> for_each_row(Connection& connection, Rest rest, const Take& take) {
  while (true) {
    auto result = connection.next_result();
    if (!result) return result.error();
    if (!*result) return {};
    const ExecStatusType status = PQresultStatus(result->get());
    if (status == PGRES_TUPLES_OK) continue;  // The end of the rows.
    if (status != PGRES_SINGLE_TUPLE) return pg_error(result->get());
    if (take(result->get())) continue;
    connection.drain(rest == Rest::kCancel);
    return {};
  }
}

}  // namespace driftguard::store

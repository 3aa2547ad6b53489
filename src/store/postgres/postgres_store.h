// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "core/clock.h"
#include "store/store.h"

namespace driftguard::store {

struct PostgresOptions {
  std::string url;              // postgresql://user:password@host:port/database, as libpq takes it.
  std::size_t connections = 6;  // At most open at once.
  std::size_t writers = 3;  // Of them, how many are for commits; the others serve everything else.
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds reply_timeout{30'000};   // A server silent for longer counts as away.
  std::chrono::milliseconds outcome_timeout{5'000};  // Spent to learn what became of a commit.
  std::chrono::milliseconds backoff_max{2'000};      // Between two tries to connect.
  const Clock* clock = nullptr;  // Says which answers have expired; null: the system's.
};

// Opens the database and brings its tables up to date; several nodes may do so at once.
// Connections are made again when they break, by the calls that need them.
//
// kUnavailable: the server is not there or refuses us. kInvalidArgument: the URL does not parse,
// or a newer driftguard has been here. No error names the password.
Result<std::unique_ptr<Store>> open_postgres_store(const PostgresOptions& options,
                                                   MergeSummaries merge);

}  // namespace driftguard::store

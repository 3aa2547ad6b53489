// SPDX-License-Identifier: Apache-2.0
// Sending a batch until it is answered for good.
#pragma once

#include <chrono>
#include <functional>

#include "cli/server_client.h"
#include "core/result.h"

namespace driftguard::cli {

struct PatienceOptions {
  std::chrono::milliseconds first_wait{200};
  std::chrono::milliseconds longest_wait{5'000};
  std::chrono::seconds in_all{60};  // From the first failure to giving up.
};

// Posts that may be repeated, because their Idempotency-Key lets the server know them again. Waits
// and tries again while the server is busy (429, 503, 409 of a request under way), away or cut
// off, as long as it asks with Retry-After, else twice as long each time. Only a server that has
// never answered is given up at once: it is not there. Not thread-safe.
class PatientPost final {
 public:
  // `client` must outlive it. `stopped` is asked while waiting and ends the patience.
  PatientPost(HttpClient& client, PatienceOptions options, std::function<bool()> stopped)
      : client_(client), options_(options), stopped_(std::move(stopped)) {}

  // Any answer that repeating would not change; kUnavailable when patience ends.
  Result<HttpAnswer> send(const HttpCall& call);

  std::uint64_t retries() const { return retries_; }

 private:
  bool wait(std::chrono::milliseconds time);

  HttpClient& client_;
  const PatienceOptions options_;
  const std::function<bool()> stopped_;
  bool answered_once_ = false;
  std::uint64_t retries_ = 0;
};

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
// What the server counts about itself, for /metrics and /readyz.
//
// Every member may be read from any thread at any time; only the server writes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace driftguard::http {

struct ServerFigures {
  std::atomic<std::int64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_refused_total{0};  // Beyond connections_max.
  std::atomic<std::int64_t> requests_open{0};               // Head read, answer not yet written.
  std::atomic<std::int64_t> body_bytes_inflight{0};         // Held for all open requests together.
  std::atomic<std::uint64_t> body_bytes_total{0};           // Read off the wire.
  std::atomic<std::uint64_t> timeouts_total{0};  // Connections cut off for slowness; not idle ones.
  std::atomic<std::uint64_t> overload_total{0};  // 503 of the server's own limits.
  std::atomic<std::uint64_t> shared_total{0};    // Answered by the call made for another request.
  std::array<std::atomic<std::uint64_t>, 6> responses_total{};  // [2] = 2xx, ...; [0] unused.
  std::atomic<bool> draining{false};  // stop() has begun: /readyz should say no.
};

}  // namespace driftguard::http

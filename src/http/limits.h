// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace driftguard::http {

// Every bound of the server and what happens beyond it.
struct ServerLimits {
  std::size_t header_bytes_max = 16 << 10;  // Request line and headers; 431.
  std::size_t headers_max = 100;            // Header lines; 431.
  std::size_t target_bytes_max = 8 << 10;   // 414.
  std::size_t body_bytes_max = 20 << 20;    // On the wire and after decompression; 413.
  // Body bytes held for all connections together; beyond it a request gets 503, Retry-After: 1 and
  // its connection is closed.
  std::size_t inflight_body_bytes_max = 256 << 20;
  std::size_t connections_max = 4096;                // Beyond: accepted, told 503, closed.
  std::size_t worker_queue_max = 256;                // Requests waiting for a worker; beyond: 503.
  std::chrono::milliseconds header_timeout{10'000};  // From the first byte to the end of the head.
  std::chrono::milliseconds body_timeout{30'000};    // For the whole body; 408.
  std::chrono::milliseconds idle_timeout{60'000};    // Between requests; closed without a word.
  std::chrono::milliseconds write_timeout{30'000};   // For one whole answer; cut.
  std::chrono::milliseconds linger_timeout{1'000};   // For a refused client to stop sending.
};

}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
// What session.cpp and session_body.cpp share.
#pragma once

#include "http/session.h"

namespace driftguard::http {

// One request and its answer; counted among the open ones as long as it lives.
struct Session::Exchange {
  explicit Exchange(const SessionContext& context)
      : charge(context.budget), open(context.figures.requests_open) {
    open.fetch_add(1, std::memory_order_relaxed);
  }
  ~Exchange() { open.fetch_sub(1, std::memory_order_relaxed); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Head head;
  Match match;
  std::size_t body_bytes_max = 0;
  std::string encoding;  // Content-Encoding.
  std::string accept_encoding;
  std::optional<std::string> origin;
  BodyCharge charge;
  std::atomic<std::int64_t>& open;
  SteadyTime begun = std::chrono::steady_clock::now();
  bool close = false;
};

// The bytes that were read and not yet used.
inline std::string_view view(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.cdata().data()), buffer.cdata().size()};
}

}  // namespace driftguard::http

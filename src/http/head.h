// SPDX-License-Identifier: Apache-2.0
// The head of a request, read strictly: whatever two programs could read in two ways is refused,
// so that no second request can hide behind a first one.
//
// Boost.Beast splits the lines; this file adds what Beast forgives (bare CR, line folding, lists of
// lengths, unknown codings, missing or doubled Host...). Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "http/limits.h"
#include "http/message.h"

namespace driftguard::http {

// An answer that the room gives by itself, before a handler is asked.
struct Refusal {
  int status;
  std::string_view type;    // As in ProblemOptions; static storage.
  std::string_view detail;  // Static storage.
};

struct Head {
  Request request;               // Without path, query and body: those follow from raw_*.
  std::string raw_path;          // Still percent-encoded; "*" for `OPTIONS *`.
  std::string raw_query;         // Without the '?'.
  std::string host;              // "" only in HTTP/1.0.
  std::uint64_t body_bytes = 0;  // Of Content-Length; 0 without one.
  bool chunked = false;
  bool http10 = false;
  bool keep_alive = true;        // What the client wishes.
  bool expect_continue = false;  // Never with HTTP/1.0 or without a body.

  bool has_body() const { return chunked || body_bytes > 0; }
};

// Where the head ends in `bytes`, as far as it has come.
struct HeadScan {
  enum class State { kIncomplete, kComplete, kBroken } state = State::kIncomplete;
  std::size_t end = 0;      // kComplete: one past the empty line.
  std::size_t scanned = 0;  // Where to go on when more has come.
};

// Looks for the empty line, from `from` (an earlier `scanned`). kBroken as soon as the bytes cannot
// become a head: a first byte that no method begins with, or a line that ends in a bare LF.
HeadScan scan_head(std::string_view bytes, std::size_t from);

// Reads a whole head, its empty line included, as scan_head() found it.
std::variant<Head, Refusal> parse_head(std::string_view bytes, const ServerLimits& limits);

}  // namespace driftguard::http

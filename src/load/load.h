// SPDX-License-Identifier: Apache-2.0
// Load on an HTTP/1.1 server from one thread: keep-alive connections with one request under way
// each, over epoll. Bodies are prepared beforehand; only the events' times are written into them
// as they leave, so the client costs a small part of what the server does.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "load/latencies.h"
#include "load/traffic.h"

namespace driftguard::load {

struct LoadOptions {
  std::string url;   // "http://HOST:PORT/PATH?QUERY"; without a path, /v1/ingest.
  bool get = false;  // GET it instead of posting events; a request then counts as one event.
  int connections = 4;
  int batch = 1000;  // Events a request.
  double seconds = 10;
  double warmup_seconds = 1;  // Before the measured seconds.
  // Events a second; 0: each connection sends again as soon as it is answered. With a rate, a
  // request has a moment at which it should leave, and its latency counts from there, however
  // late it left: a slow server cannot hide its worst answers by slowing the client.
  double rate = 0;
  std::uint64_t requests = 0;  // Exactly so many, without warm-up or end of time; 0: by time.
  // The events' times walk over so many seconds before the start, again and again (with
  // `requests`: once). 0: a request's events have happened since its connection's last request,
  // as with clients that send what they have gathered.
  double span_seconds = 0;
  TrafficOptions traffic{};
};

struct LoadFigures {
  double seconds = 0;              // Measured.
  std::uint64_t requests = 0;      // Answered with success while measured.
  std::uint64_t events = 0;        // Of those requests.
  std::uint64_t events_taken = 0;  // Of all requests ever answered with success.
  std::uint64_t errors = 0;        // Other answers and lost connections, at any time.
  std::string first_error;
  double request_bytes = 0;  // On average, with its head.
  Latencies latencies;       // Of the measured requests, failed ones included.
  double client_cpus = 0;    // Processor seconds of this process a second.
};

// kInvalidArgument where the options make no sense, kUnavailable where nobody listens, or nothing
// was answered for half a minute.
Result<LoadFigures> run_load(const LoadOptions& options);

}  // namespace driftguard::load

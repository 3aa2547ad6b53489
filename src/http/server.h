// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server: limits on everything, one coroutine a connection, a graceful stop.
//
// What it does by itself, before any handler: refuses malformed, ambiguous and oversized requests
// (400, 408, 413, 414, 415, 417, 431, 501, 503, 505; all as application/problem+json), undoes
// Content-Encoding gzip and zstd, answers `Expect: 100-continue`, OPTIONS and CORS preflights, 404
// and 405, turns GET routes into HEAD, compresses larger text answers, keeps connections alive and
// answers pipelined requests in order.
//
// Thread-safe: draining() and figures(). start() once, then stop() once, by the owner. Handlers run
// on the server's threads; what they use must outlive stop().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "http/figures.h"
#include "http/limits.h"
#include "http/router.h"

namespace driftguard::http {

struct ServerOptions {
  std::string host = "127.0.0.1";  // A numeric address, or "localhost".
  std::uint16_t port = 8000;       // 0 picks a free one.
  std::size_t threads = 0;         // I/O threads; 0 = one a core.
  std::size_t workers = 2;         // Threads for routes with Run::kWorker.
  ServerLimits limits = {};
  // Origins that browsers may call from ("http://localhost:5173"), beside the server's own.
  std::vector<std::string> cors_origins = {};
  // Source of the Date header; without one none is sent. Outlives the server.
  const Clock* clock = nullptr;
  // Kept up to date when given, so that handlers made before the server can read it (and its
  // `draining`). Outlives the server. Without one the server keeps its own.
  ServerFigures* figures = nullptr;
};

class Server final {
 public:
  Server(ServerOptions options, Router router);
  // Stops at once (as stop(0)) if it still runs.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds, listens and starts the threads; returns the port. kInvalidArgument: the host is no
  // address of this machine. kConflict: the port is taken. kUnavailable: the machine refuses.
  Result<std::uint16_t> start();

  // Graceful end. Closes the listener (connections already queued in the kernel are still taken
  // in), closes idle connections, lets requests that have begun be read and answered with
  // `Connection: close`, then joins all threads. What is not done after `deadline` is cut. A
  // handler that is running on a worker at that moment is waited for. True: nothing was cut.
  bool stop(std::chrono::milliseconds deadline);

  // From the first moment of stop().
  bool draining() const { return figures().draining.load(std::memory_order_relaxed); }
  const ServerFigures& figures() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace driftguard::http

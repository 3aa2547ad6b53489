// SPDX-License-Identifier: Apache-2.0
// Which handler answers which method and path.
//
// A pattern is a path whose segments are literal ("v1"), `{name}` (exactly one non-empty segment,
// percent-decoded) or, as the last one, `{name...}` (all that is left, also nothing: the
// dashboard's files). Literal wins over `{name}`, `{name}` over `{name...}`, compared from the
// left. A route for GET also answers HEAD, unless HEAD has its own.
//
// Filled by one thread before Server takes it; from then on only read, from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/message.h"

namespace driftguard::http {

// Where a handler runs. kInline: on the I/O thread, for what answers in well under a millisecond or
// only hands the request on. kWorker: on the server's worker pool, for what computes or waits; a
// full queue answers 503 with Retry-After.
enum class Run { kInline, kWorker };

struct RouteOptions {
  Run run = Run::kInline;
  // Bytes of body, before and after decompression; 0 = the server's own limit. Never above it.
  std::size_t body_bytes_max = 0;
  // The media types this route reads ("application/json", lower case, no parameters); empty = any.
  // Another one in a request with a body: 415, before the body is read.
  std::vector<std::string> media_types = {};
  // With kWorker: equal requests that wait share one call (shared_calls.h). For GET alone.
  bool shared = false;
};

struct Route {
  Method method = Method::kGet;
  std::string pattern;
  Handler handler;
  RouteOptions options;
};

// Called after each response has been written or given up, on an I/O thread: cheap and never
// throwing. `pattern` is "" when no route matched or the head could not be read (a bounded label).
// The duration runs from the end of the head to the last byte handed to the kernel.
using Observer = std::function<void(std::string_view pattern, Method method, int status,
                                    std::chrono::nanoseconds duration)>;

// What a path leads to.
struct Match {
  const Route* route = nullptr;  // Null: no route for this method, or none for the path at all.
  bool path_known = false;       // Some method is routed here.
  std::string allow;             // For `Allow` when path_known: "GET, HEAD, OPTIONS".
  std::map<std::string, std::string> parameters;
};

class Router final {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Adds a route. Two routes of one method and pattern, or a pattern that does not begin with '/',
  // are our own mistake (std::invalid_argument, at start-up).
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

  // What answers GET and HEAD on paths that no pattern leads to: files, say. Its route's pattern is
  // "*". Other methods get the 404 that they would get without it.
  void fall_back(Handler handler, RouteOptions options = {});

  // Sets the observer of every response of the server.
  void observe(Observer observer) { observer_ = std::move(observer); }
  const Observer& observer() const { return observer_; }

  // `raw_path` as it stood in the request line, without the query, still percent-encoded (so an
  // encoded slash does not part segments). The Match points into this Router.
  Match find(Method method, std::string_view raw_path) const;

 private:
  struct Path;  // All routes of one pattern.

  const Path* find_path(const std::vector<std::string>& segments, Match& match) const;

  std::vector<std::unique_ptr<Path>> paths_;              // The more literal first.
  std::unordered_map<std::string, const Path*> literal_;  // Patterns without parameters.
  std::unique_ptr<Route> fallback_;                       // May be null.
  Observer observer_;
};

}  // namespace driftguard::http

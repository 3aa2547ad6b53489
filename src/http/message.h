// SPDX-License-Identifier: Apache-2.0
// Requests and responses as plain values: what the api room sees of HTTP.
//
// Values: any number of threads may read one at a time nobody writes it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftguard::http {

// kOther is any token we do not name; no route has it, so it ends in 404 or 405.
enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

// "GET", ...; "OTHER" for kOther. As a label of metrics it is bounded.
std::string_view method_name(Method method);

struct Request {
  Method method = Method::kGet;
  std::string path;                          // Percent-decoded, without the query.
  std::map<std::string, std::string> query;  // Percent-decoded; of a repeated name the last wins.
  std::map<std::string, std::string> path_parameters;        // "{version}" of the route's pattern.
  std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
  std::string body;  // Content-Encoding already undone, within the size limit.
  std::string peer;  // The other side's address, without the port.

  // The header's first value, or nothing. `name` in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
  // The query parameter's value, or nothing.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

// Content-Length, Date, Connection, CORS and security headers are the session's; `headers` is for
// the rest. A body of 204 and 304 is not sent. A response with its own Content-Encoding is not
// compressed again. CR, LF and NUL in a header's value turn the answer into a 500.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers =
      {};  // Beside Content-Type and -Length.
};

// Gives the answer to one request. Called at most once, from any thread, also after the connection
// or the server is gone (then it does nothing). The first call counts; if every copy is destroyed
// uncalled, the client gets a 500.
using Respond = std::function<void(Response)>;

// Answers a request, now or later. Runs on an I/O thread (or on a worker, as the route says);
// must not block on an I/O thread. A std::exception that leaves it becomes a 500.
using Handler = std::function<void(Request&&, Respond)>;

}  // namespace driftguard::http

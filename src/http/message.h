// SPDX-License-Identifier: Apache-2.0
// Requests and responses as plain values: what the api room sees of HTTP.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftguard::http {

enum class Method { kGet, kHead, kPost, kPut, kDelete, kOptions };

struct Request {
  Method method = Method::kGet;
  std::string path;                          // Percent-decoded, without the query.
  std::map<std::string, std::string> query;  // Percent-decoded; of a repeated name the last wins.
  std::map<std::string, std::string> path_parameters;        // "{version}" of the route's pattern.
  std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
  std::string body;  // Content-Encoding already undone, within the size limit.

  // The header's value, or nothing. `name` in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
  // The query parameter's value, or nothing.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // Beside Content-Type and -Length.
};

// Gives the answer to one request. Called exactly once, from any thread.
using Respond = std::function<void(Response)>;

// Answers a request, now or later. Runs on an I/O thread (or on a worker, as the route says);
// must not block there.
using Handler = std::function<void(Request&&, Respond)>;

}  // namespace driftguard::http

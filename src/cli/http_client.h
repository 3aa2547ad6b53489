// SPDX-License-Identifier: Apache-2.0
// A client of driftguard's own HTTP API.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace driftguard::cli {

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";  // Path and query: "/reports/latest?service=a".
  std::string body = {};     // Sent by POST alone.
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

struct HttpLimits {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds call_timeout{
      120'000};  // From the first byte sent to the last received.
  std::size_t answer_bytes_max = 256u << 20;
};

// Keeps its connection from one call to the next. Not thread-safe: one client a thread; the first
// one is made before there are threads. Follows no redirects, and asks no proxy for this machine's
// own addresses.
class HttpClient final {
 public:
  // kInvalidArgument: `url` is not http://HOST:PORT or https://HOST[:PORT], with or without a path.
  static Result<HttpClient> make(const std::string& url, const HttpLimits& limits = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Any answer, whatever its status. kUnavailable: nobody answers there, or the connection broke
  // (then the server may have got the request). kTooLarge: the answer passes the limit.
  Result<HttpAnswer> call(const HttpCall& call);

  // The body of a 2xx; else what error_of() makes of the answer.
  Result<std::string> body_of(const HttpCall& call);

  // The URL without a slash at its end.
  const std::string& url() const { return url_; }

 private:
  struct Easy;
  HttpClient(std::string url, std::unique_ptr<Easy> easy);

  std::string url_;
  std::unique_ptr<Easy> easy_;
};

// An answer that is no 2xx as an Error: problem details with the first of their `errors`.
Error error_of(const HttpAnswer& answer, const std::string& url);

// The server's clock, by the answer's Date, in whole seconds; empty when it does not say.
std::optional<Time> date_of(const HttpAnswer& answer);

// A target with its query, percent-encoded.
class TargetText final {
 public:
  explicit TargetText(std::string path) : text_(std::move(path)) {}
  TargetText& add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace driftguard::cli

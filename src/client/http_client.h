// SPDX-License-Identifier: Apache-2.0
// A client of HTTP servers: driftguard's own, and those that are told of alarms.
#pragma once

#include <atomic>
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

namespace driftguard::client {

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";  // Path and query behind the client's URL: "/v1/events?service=a".
  std::string body = {};     // Sent by POST alone.
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  const std::atomic<bool>* stop = nullptr;  // Once it is true the call ends within a second.
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  // From looking up the host to the last byte received.
  std::chrono::milliseconds call_timeout{120'000};
  std::size_t answer_bytes_max = 256u << 20;
  bool cut_answers = false;  // What passes the limit is left unread, and is no error.
  bool any_url = false;      // The URL may have a query: calls go to it as it is.
  std::string name = {};     // What errors call the server; empty: by its URL.
  std::string advice = {};   // What errors say to do where nobody answers.
  std::string ca_file = {};  // Certificates (PEM) to verify by; empty: the machine's.
};

// Keeps its connection from one call to the next. Not thread-safe: one client a thread; the first
// one is made before there are threads. Follows no redirects, and asks no proxy for this machine's
// own addresses.
class HttpClient final {
 public:
  // kInvalidArgument: `url` is not http://HOST:PORT or https://HOST[:PORT], with or without a path.
  static Result<HttpClient> make(const std::string& url, const HttpOptions& options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Any answer, whatever its status. kUnavailable: nobody answers there, its certificate is not to
  // be trusted, or the connection broke (then the server may have got the request). kTooLarge: the
  // answer passes the limit.
  Result<HttpAnswer> call(const HttpCall& call);

  // The URL without a slash at its end.
  const std::string& url() const { return url_; }

 private:
  struct Easy;
  HttpClient(std::string url, std::unique_ptr<Easy> easy);

  std::string url_;
  std::unique_ptr<Easy> easy_;
};

// How long the answer's Retry-After, in seconds or a date, says to wait from `now`; empty when it
// does not.
std::optional<std::chrono::seconds> retry_after_of(const HttpAnswer& answer, Time now);

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

}  // namespace driftguard::client

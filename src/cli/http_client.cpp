// SPDX-License-Identifier: Apache-2.0
#include "cli/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <ctime>
#include <nlohmann/json.hpp>

namespace driftguard::cli {
namespace {

struct CurlText {
  void operator()(char* text) const { curl_free(text); }
};
struct UrlParts {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  return std::unique_ptr<char, CurlText>(text).get();
}

// Scheme and host of an URL we can call; empty when it is none.
std::pair<std::string, std::string> scheme_and_host(const std::string& url) {
  const std::unique_ptr<CURLU, UrlParts> parts(curl_url());
  if (curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  const std::string scheme = part_of(parts.get(), CURLUPART_SCHEME);
  const bool plain = part_of(parts.get(), CURLUPART_QUERY).empty() &&
                     part_of(parts.get(), CURLUPART_FRAGMENT).empty();
  if ((scheme != "http" && scheme != "https") || !plain) return {};
  return {scheme, part_of(parts.get(), CURLUPART_HOST)};
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

// What is received, and how much may be.
struct Receiving {
  HttpAnswer answer;
  std::size_t bytes_max = 0;
  bool too_large = false;
};

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& receiving = *static_cast<Receiving*>(context);
  receiving.too_large = receiving.answer.body.size() + size > receiving.bytes_max;
  if (receiving.too_large) return 0;
  receiving.answer.body.append(data, size);
  return size;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& headers = static_cast<Receiving*>(context)->answer.headers;
  std::string_view line(data, size);
  if (line.starts_with("HTTP/")) headers.clear();  // Of an interim answer.
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  line.remove_prefix(colon + 1);
  const std::size_t begin = line.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return size;
  headers[name] = std::string(line.substr(begin, line.find_last_not_of(" \t\r\n") - begin + 1));
  return size;
}

struct HeaderList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, HeaderList>;

void add(Headers& headers, const std::string& line) {
  headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
    case 415:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kTooLarge;
    case 429:
      return ErrorCode::kOverloaded;
    case 502:
    case 503:
    case 504:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

struct HttpClient::Easy {
  CURL* handle = curl_easy_init();
  HttpLimits limits;
  std::string host;
  std::array<char, CURL_ERROR_SIZE> message{};

  Easy() = default;
  ~Easy() { curl_easy_cleanup(handle); }
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;
};

HttpClient::HttpClient(std::string url, std::unique_ptr<Easy> easy)
    : url_(std::move(url)), easy_(std::move(easy)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpClient> HttpClient::make(const std::string& url, const HttpLimits& limits) {
  const auto [scheme, host] = scheme_and_host(url);
  if (host.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--url: \"{}\" is not like http://127.0.0.1:8000", url)};
  }
  auto easy = std::make_unique<Easy>();
  if (easy->handle == nullptr) return Error{ErrorCode::kInternal, "libcurl does not start"};
  easy->limits = limits;
  easy->host = host;
  std::string base = url;
  while (base.ends_with('/')) base.pop_back();
  return HttpClient(std::move(base), std::move(easy));
}

Result<HttpAnswer> HttpClient::call(const HttpCall& call) {
  assert(call.target.starts_with('/'));
  CURL* handle = easy_->handle;
  curl_easy_reset(handle);  // Keeps the connection.
  Receiving receiving;
  receiving.bytes_max = easy_->limits.answer_bytes_max;
  const std::string url = url_ + call.target;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(easy_->limits.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(easy_->limits.call_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, easy_->message.data());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "driftguard/" DRIFTGUARD_VERSION);
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &receiving);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &receiving);
  if (is_loopback(easy_->host)) curl_easy_setopt(handle, CURLOPT_PROXY, "");

  Headers headers;
  add(headers, "Expect:");  // No round trip before a large body.
  for (const auto& [name, value] : call.headers) add(headers, name + ": " + value);
  if (call.method == "POST") {
    add(headers, "Content-Type: " + call.content_type);
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call.body.data());
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());

  easy_->message[0] = '\0';
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) {
    if (receiving.too_large) {
      return Error{ErrorCode::kTooLarge, url_ + " answers with more than fits in memory"};
    }
    const std::string why = easy_->message[0] ? easy_->message.data() : curl_easy_strerror(code);
    if (code != CURLE_COULDNT_CONNECT) {
      return Error{ErrorCode::kUnavailable, fmt::format("{}: {}", url_, why)};
    }
    return Error{ErrorCode::kUnavailable,
                 fmt::format("no server answers at {}; 'driftguard serve' starts one", url_)};
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  receiving.answer.status = static_cast<int>(status);
  return std::move(receiving.answer);
}

Result<std::string> HttpClient::body_of(const HttpCall& asked) {
  Result<HttpAnswer> answer = call(asked);
  if (!answer) return answer.error();
  if (answer->status < 200 || answer->status > 299) return error_of(*answer, url_);
  return std::move(answer->body);
}

Error error_of(const HttpAnswer& answer, const std::string& url) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const bool problem = json.is_object() && json.contains("title") && json["title"].is_string();
  if (!problem) {
    return {code_of(answer.status),
            fmt::format("{} answers {}; is it a driftguard server?", url, answer.status)};
  }
  std::string detail = json["title"].get<std::string>();
  if (json.contains("detail") && json["detail"].is_string() && json["detail"] != "") {
    detail = json["detail"].get<std::string>();
  }
  if (answer.status >= 500) detail = fmt::format("{}: {} ({})", url, detail, answer.status);
  const auto errors = json.find("errors");
  if (errors != json.end() && errors->is_array() && !errors->empty() && (*errors)[0].is_object()) {
    detail += fmt::format(": {}: {}", (*errors)[0].value("pointer", ""),
                          (*errors)[0].value("detail", ""));
  }
  return {code_of(answer.status), detail};
}

std::optional<Time> date_of(const HttpAnswer& answer) {
  const auto at = answer.headers.find("date");
  const std::time_t seconds =
      at == answer.headers.end() ? -1 : curl_getdate(at->second.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return Time{std::chrono::seconds(seconds)};
}

TargetText& TargetText::add(std::string_view name, std::string_view value) {
  text_ += fmt::format("{}{}=", text_.find('?') == std::string::npos ? '?' : '&', name);
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    text_ += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return *this;
}

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <ctime>

namespace driftguard::client {
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

// The host of an URL we can call; empty when it is none.
std::string host_of(const std::string& url, bool any_url) {
  const std::unique_ptr<CURLU, UrlParts> parts(curl_url());
  if (curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  const std::string scheme = part_of(parts.get(), CURLUPART_SCHEME);
  const bool plain = part_of(parts.get(), CURLUPART_QUERY).empty() &&
                     part_of(parts.get(), CURLUPART_FRAGMENT).empty();
  if ((scheme != "http" && scheme != "https") || !(plain || any_url)) return {};
  return part_of(parts.get(), CURLUPART_HOST);
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

int stop_asked(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(context)->load() ? 1 : 0;
}

struct HeaderList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, HeaderList>;

void add(Headers& headers, const std::string& line) {
  headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

// At most so many seconds are asked of anybody: a year.
constexpr std::int64_t kWaitMax = 366 * 86'400;

std::int64_t whole_number(std::string_view text) {
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : -1;
}

}  // namespace

struct HttpClient::Easy {
  CURL* handle = curl_easy_init();
  HttpOptions options;
  std::string host;
  std::array<char, CURL_ERROR_SIZE> message{};

  // What every call sets, whatever it is.
  void set_up(Receiving* receiving);
  Error failure(CURLcode code, bool too_large, const std::string& url) const;

  Easy() = default;
  ~Easy() { curl_easy_cleanup(handle); }
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;
};

void HttpClient::Easy::set_up(Receiving* receiving) {
  curl_easy_reset(handle);  // Keeps the connection.
  receiving->bytes_max = options.answer_bytes_max;
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.call_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, message.data());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "driftguard/" DRIFTGUARD_VERSION);
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, receiving);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, receiving);
  if (is_loopback(host)) curl_easy_setopt(handle, CURLOPT_PROXY, "");
  if (!options.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  message[0] = '\0';
}

Error HttpClient::Easy::failure(CURLcode code, bool too_large, const std::string& url) const {
  const std::string& name = options.name.empty() ? url : options.name;
  if (too_large) return {ErrorCode::kTooLarge, name + " answers with more than fits in memory"};
  const std::string why = message[0] ? message.data() : curl_easy_strerror(code);
  if (code != CURLE_COULDNT_CONNECT) {
    return {ErrorCode::kUnavailable, fmt::format("{}: {}", name, why)};
  }
  return {ErrorCode::kUnavailable, fmt::format("no server answers at {}{}", name, options.advice)};
}

HttpClient::HttpClient(std::string url, std::unique_ptr<Easy> easy)
    : url_(std::move(url)), easy_(std::move(easy)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpClient> HttpClient::make(const std::string& url, const HttpOptions& options) {
  const std::string host = host_of(url, options.any_url);
  if (host.empty()) {
    return Error{
        ErrorCode::kInvalidArgument,
        options.name.empty()
            ? fmt::format("\"{}\" is not like http://127.0.0.1:8000", url)
            : fmt::format("the URL of {} is not like https://example.org/path", options.name)};
  }
  auto easy = std::make_unique<Easy>();
  if (easy->handle == nullptr) return Error{ErrorCode::kInternal, "libcurl does not start"};
  easy->options = options;
  easy->host = host;
  std::string base = url;
  while (!options.any_url && base.ends_with('/')) base.pop_back();
  return HttpClient(std::move(base), std::move(easy));
}

Result<HttpAnswer> HttpClient::call(const HttpCall& call) {
  assert(easy_->options.any_url || call.target.starts_with('/'));
  CURL* handle = easy_->handle;
  Receiving receiving;
  easy_->set_up(&receiving);
  const std::string url = easy_->options.any_url ? url_ : url_ + call.target;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  if (call.stop != nullptr) {
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, stop_asked);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, call.stop);
  }
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

  const CURLcode code = curl_easy_perform(handle);
  const bool cut = receiving.too_large && easy_->options.cut_answers;
  if (code != CURLE_OK && !cut) return easy_->failure(code, receiving.too_large, url_);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  receiving.answer.status = static_cast<int>(status);
  return std::move(receiving.answer);
}

std::optional<std::chrono::seconds> retry_after_of(const HttpAnswer& answer, Time now) {
  const auto at = answer.headers.find("retry-after");
  if (at == answer.headers.end()) return std::nullopt;
  std::int64_t seconds = whole_number(at->second);
  if (seconds < 0) {
    const std::time_t date = curl_getdate(at->second.c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds = date - us_since_epoch(now) / 1'000'000;
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kWaitMax));
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

}  // namespace driftguard::client

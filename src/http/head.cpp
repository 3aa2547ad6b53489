// SPDX-License-Identifier: Apache-2.0
#include "http/head.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cassert>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace driftguard::http {
namespace {

namespace beast = boost::beast;

constexpr std::string_view kMalformed = "/problems/malformed-request";
constexpr std::string_view kFraming = "/problems/ambiguous-framing";
constexpr std::size_t kLengthDigitsMax = 18;  // Below 2^63.

constexpr Refusal kBadHead{400, kMalformed, "The request line or a header is malformed."};
constexpr Refusal kBadTarget{400, kMalformed, "The request target is malformed."};
constexpr Refusal kBadHost{400, kMalformed, "Exactly one valid Host header is needed."};
constexpr Refusal kBadLength{400, kFraming, "Content-Length is not one decimal number."};
constexpr Refusal kTwoFramings{400, kFraming,
                               "Content-Length and Transfer-Encoding exclude each other."};
constexpr Refusal kOldChunked{400, kFraming, "HTTP/1.0 knows no Transfer-Encoding."};
constexpr Refusal kCoding{501, kFraming, "The only Transfer-Encoding understood is chunked."};
constexpr Refusal kVersion{505, "/problems/http-version", "This server speaks HTTP/1.1 and 1.0."};
constexpr Refusal kTooMany{431, "/problems/headers-too-large", "There are too many headers."};
constexpr Refusal kLongTarget{414, "/problems/uri-too-long", "The request target is too long."};
constexpr Refusal kExpectation{417, "/problems/expectation",
                               "The only expectation understood is 100-continue."};

bool is_token_char(char c) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kPunctuation.find(c) != std::string_view::npos;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equal_no_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

Method method_of(std::string_view token) {
  for (int i = 0; i < static_cast<int>(Method::kOther); ++i) {
    if (token == method_name(static_cast<Method>(i))) return static_cast<Method>(i);
  }
  return Method::kOther;
}

// No control characters but CRLF pairs and tabs, and no folded lines: what Beast lets pass.
bool bytes_are_strict(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    if (c == '\t') continue;
    if (c != '\r' || i + 1 >= bytes.size() || bytes[i + 1] != '\n') return false;
    ++i;
    if (i + 1 < bytes.size() && (bytes[i + 1] == ' ' || bytes[i + 1] == '\t')) return false;
  }
  return true;
}

// Collects what Beast's tokenizer finds. Beast's own view of the framing is not used.
class HeadSink final : public beast::http::basic_parser<true> {
 public:
  explicit HeadSink(const ServerLimits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(limits.header_bytes_max, std::numeric_limits<std::uint32_t>::max())));
    body_limit(boost::none);
    skip(true);
  }

  Head head;
  std::string target;
  int version = 0;
  bool too_many = false;

 private:
  using View = beast::string_view;
  using Code = beast::error_code;

  void on_request_impl(beast::http::verb, View method, View raw_target, int v, Code& ec) override {
    ec = {};
    head.request.method = method_of({method.data(), method.size()});
    target.assign(raw_target.data(), raw_target.size());
    version = v;
  }
  void on_response_impl(int, View, int, Code& ec) override { ec = {}; }
  void on_field_impl(beast::http::field, View name, View value, Code& ec) override {
    ec = {};
    if (head.request.headers.size() >= limits_.headers_max) {
      too_many = true;
      ec = beast::http::error::header_limit;
      return;
    }
    head.request.headers.emplace_back(lowered({name.data(), name.size()}),
                                      std::string(value.data(), value.size()));
  }
  void on_header_impl(Code& ec) override { ec = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code& ec) override { ec = {}; }
  std::size_t on_body_impl(View, Code& ec) override { return ec = {}, 0; }
  void on_chunk_header_impl(std::uint64_t, View, Code& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, View, Code& ec) override { return ec = {}, 0; }
  void on_finish_impl(Code& ec) override { ec = {}; }

  const ServerLimits& limits_;
};

std::size_t count(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(),
                    [&](const auto& header) { return header.first == name; }));
}

bool valid_authority(std::string_view host) {
  constexpr std::string_view kForbidden = " \t,/?#@\\\"<>";
  return !host.empty() && host.find_first_of(kForbidden) == std::string_view::npos;
}

std::optional<Refusal> read_host(Head& head) {
  const std::size_t hosts = count(head.request, "host");
  if (hosts > 1 || (hosts == 0 && !head.http10)) return kBadHost;
  if (hosts == 0) return std::nullopt;
  head.host = *head.request.header("host");
  if (!valid_authority(head.host)) return kBadHost;
  return std::nullopt;
}

// Leaves origin-form in raw_path and raw_query.
std::optional<Refusal> read_target(std::string_view target, Head& head) {
  constexpr std::string_view kScheme = "http://";
  if (target == "*") {
    head.raw_path = "*";
    return head.request.method == Method::kOptions ? std::nullopt : std::optional(kBadTarget);
  }
  if (target.size() > kScheme.size() && equal_no_case(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    // Two names for one server in one request: somebody on the way will believe the other one.
    if (!equal_no_case(target.substr(0, end), head.host)) return kBadHost;
    target.remove_prefix(end);
    if (!target.starts_with('/')) head.raw_path = "/";
  } else if (!target.starts_with('/')) {
    return kBadTarget;
  }
  if (target.find_first_of("#\\\"<>^`{|}") != std::string_view::npos) return kBadTarget;
  const std::size_t mark = std::min(target.find('?'), target.size());
  head.raw_path += target.substr(0, mark);
  head.raw_query = target.substr(std::min(mark + 1, target.size()));
  return std::nullopt;
}

std::optional<Refusal> read_framing(Head& head) {
  const auto length = head.request.header("content-length");
  const auto coding = head.request.header("transfer-encoding");
  if (length && coding) return kTwoFramings;
  if (coding) {
    if (head.http10) return kOldChunked;
    if (count(head.request, "transfer-encoding") != 1) return kCoding;
    if (!equal_no_case(*coding, "chunked")) return kCoding;
    head.chunked = true;
  }
  if (length) {
    if (count(head.request, "content-length") != 1) return kBadLength;
    const bool digits =
        std::all_of(length->begin(), length->end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || length->empty() || length->size() > kLengthDigitsMax) return kBadLength;
    std::from_chars(length->data(), length->data() + length->size(), head.body_bytes);
  }
  return std::nullopt;
}

std::optional<Refusal> read_expectation(Head& head) {
  const auto expect = head.request.header("expect");
  if (!expect || head.http10) return std::nullopt;
  if (!equal_no_case(*expect, "100-continue")) return kExpectation;
  head.expect_continue = head.has_body();
  return std::nullopt;
}

// The request line's last word, for telling a strange version from a malformed line.
bool names_other_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\r'));
  const std::string_view word = line.substr(line.rfind(' ') + 1);
  return word.size() == 8 && word.starts_with("HTTP/") && word[6] == '.' && word != "HTTP/1.1" &&
         word != "HTTP/1.0";
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t from) {
  using State = HeadScan::State;
  assert(from <= bytes.size());
  if (bytes.empty()) return {};
  if (!is_token_char(bytes.front())) return {State::kBroken, 0, 0};
  for (;;) {
    const std::size_t feed = bytes.find('\n', from);
    if (feed == std::string_view::npos) return {State::kIncomplete, 0, bytes.size()};
    if (bytes[feed - 1] != '\r') return {State::kBroken, 0, feed};
    if (feed >= 3 && bytes[feed - 2] == '\n') return {State::kComplete, feed + 1, feed + 1};
    from = feed + 1;
  }
}

std::variant<Head, Refusal> parse_head(std::string_view bytes, const ServerLimits& limits) {
  if (!bytes_are_strict(bytes)) return kBadHead;
  if (names_other_version(bytes)) return kVersion;
  HeadSink sink(limits);
  beast::error_code ec;
  sink.put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  if (sink.too_many) return kTooMany;
  if (!ec && sink.version != 10 && sink.version != 11) return kVersion;
  Head head = std::move(sink.head);
  head.http10 = sink.version == 10;
  // The framing first: Beast has an opinion on it too, and ours names the reason.
  if (const auto refusal = read_framing(head)) return *refusal;
  if (ec) return kBadHead;
  if (sink.target.size() > limits.target_bytes_max) return kLongTarget;
  if (const auto refusal = read_host(head)) return *refusal;
  if (const auto refusal = read_target(sink.target, head)) return *refusal;
  if (const auto refusal = read_expectation(head)) return *refusal;
  head.keep_alive = sink.keep_alive();
  return head;
}

}  // namespace driftguard::http

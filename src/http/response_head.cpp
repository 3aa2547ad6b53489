// SPDX-License-Identifier: Apache-2.0
#include "http/response_head.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>

#include "http/compression.h"
#include "http/problem.h"

namespace driftguard::http {
namespace {

constexpr std::size_t kCompressBytesMin = 1 << 10;
constexpr std::size_t kCompressBytesMax = 4 << 20;  // About 40 ms of an I/O thread.

bool header_safe(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.find("json") != std::string_view::npos ||
         type.find("javascript") != std::string_view::npos ||
         type.find("xml") != std::string_view::npos;  // image/svg+xml too.
}

bool has_header(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(), [&](const auto& header) {
    return std::equal(header.first.begin(), header.first.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool well_formed(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  return header_safe(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
           return !header.first.empty() && header_safe(header.first) && header_safe(header.second);
         });
}

bool has_body(int status) { return status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, const ResponseFrame& frame) {
  assert(well_formed(response));
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  if (has_body(response.status)) {
    append_field(out, "Content-Type", response.content_type);
    append_field(out, "Content-Length", std::to_string(response.body.size()));
  }
  append_field(out, "X-Content-Type-Options", "nosniff");
  if (!frame.date.empty()) append_field(out, "Date", frame.date);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (frame.close) append_field(out, "Connection", "close");
  if (frame.http10_keep_alive) append_field(out, "Connection", "keep-alive");
  out.append("\r\n");
}

std::string http_date(Time t) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(t - day));
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      kDays.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
      kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

void compress_if_worth_it(Response& response, std::string_view accept_encoding) {
  const std::size_t size = response.body.size();
  if (size <= kCompressBytesMin || size > kCompressBytesMax) return;
  if (!is_text(response.content_type) || has_header(response, "content-encoding")) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(accept_encoding)) return;
  response.body = gzip(response.body);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace driftguard::http

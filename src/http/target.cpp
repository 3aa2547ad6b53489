// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include <algorithm>
#include <cassert>

namespace driftguard::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::vector<std::string>> path_segments(std::string_view raw_path) {
  assert(!raw_path.empty() && raw_path.front() == '/');
  std::vector<std::string> segments;
  for (std::size_t begin = 1; begin <= raw_path.size();) {
    const std::size_t end = std::min(raw_path.find('/', begin), raw_path.size());
    auto segment = percent_decode(raw_path.substr(begin, end - begin));
    if (!segment || *segment == "." || *segment == "..") return std::nullopt;
    segments.push_back(*std::move(segment));
    begin = end + 1;
  }
  return segments;
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view raw_query) {
  std::map<std::string, std::string> query;
  while (!raw_query.empty()) {
    const std::string_view pair = raw_query.substr(0, raw_query.find('&'));
    raw_query.remove_prefix(std::min(pair.size() + 1, raw_query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return std::nullopt;
    query.insert_or_assign(*std::move(name), *std::move(value));
  }
  return query;
}

}  // namespace driftguard::http

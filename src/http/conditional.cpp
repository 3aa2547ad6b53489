// SPDX-License-Identifier: Apache-2.0
#include "http/conditional.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"

namespace driftguard::http {

std::string entity_tag(std::string_view bytes) {
  return fmt::format("W/\"{:016x}\"", hash64(bytes));
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  std::string_view left = if_none_match;
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  const auto skip = [&] {
    const std::size_t begin = left.find_first_not_of(" \t,");
    left.remove_prefix(std::min(begin, left.size()));
  };
  skip();
  if (left == "*") return true;
  for (; !left.empty(); skip()) {
    if (left.starts_with("W/")) left.remove_prefix(2);
    if (!left.starts_with('"')) return false;
    const std::size_t close = left.find('"', 1);
    if (close == std::string_view::npos) return false;
    if (left.substr(0, close + 1) == tag) return true;
    left.remove_prefix(close + 1);
  }
  return false;
}

bool has_already(const Request& request, std::string_view tag) {
  for (const auto& [name, value] : request.headers) {
    if (name == "if-none-match" && names_tag(value, tag)) return true;
  }
  return false;
}

Response not_modified(std::vector<std::pair<std::string, std::string>> headers) {
  Response response;
  response.status = 304;
  response.headers = std::move(headers);
  return response;
}

}  // namespace driftguard::http

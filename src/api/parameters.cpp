// SPDX-License-Identifier: Apache-2.0
#include "api/parameters.h"

#include <fmt/format.h>

#include <charconv>

namespace driftguard::api {

std::string text_parameter(const http::Request& request, std::string_view name) {
  return std::string(request.parameter(name).value_or(""));
}

std::optional<std::string> optional_text(const http::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text || text->empty()) return std::nullopt;
  return std::string(*text);
}

Result<std::optional<int>> int_parameter(const http::Request& request, std::string_view name,
                                         int low, int high) {
  const auto text = request.parameter(name);
  if (!text) return std::optional<int>();
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: \"{}\" is not a whole number from {} to {}", name, *text, low, high)};
  }
  return std::optional<int>(value);
}

Result<std::optional<Time>> time_parameter(const http::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::optional<Time>();
  Result<Time> time = parse_rfc3339(*text);
  if (!time) return Error{time.error().code, fmt::format("{}: {}", name, time.error().detail)};
  return std::optional<Time>(*time);
}

Result<std::optional<bool>> flag_parameter(const http::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::optional<bool>();
  if (*text == "true" || *text == "false") return std::optional<bool>(*text == "true");
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: \"{}\" is neither true nor false", name, *text)};
}

Result<std::optional<TimeRange>> range_parameters(const http::Request& request) {
  Result<std::optional<Time>> from = time_parameter(request, "from");
  if (!from) return from.error();
  Result<std::optional<Time>> to = time_parameter(request, "to");
  if (!to) return to.error();
  if (from->has_value() != to->has_value()) {
    return Error{ErrorCode::kInvalidArgument, "from and to go together"};
  }
  if (!*from) return std::optional<TimeRange>();
  return std::optional<TimeRange>({**from, **to});
}

http::Response json_response(std::string body, int status) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace driftguard::api

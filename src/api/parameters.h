// SPDX-License-Identifier: Apache-2.0
// Reading a request's parameters; every refusal names the parameter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "http/message.h"

namespace driftguard::api {

// The parameter's text; empty when it is absent.
std::string text_parameter(const http::Request& request, std::string_view name);
// The same, but absent (or empty) is nothing.
std::optional<std::string> optional_text(const http::Request& request, std::string_view name);

Result<std::optional<int>> int_parameter(const http::Request& request, std::string_view name,
                                         int low, int high);
Result<std::optional<Time>> time_parameter(const http::Request& request, std::string_view name);

// "true" or "false".
Result<std::optional<bool>> flag_parameter(const http::Request& request, std::string_view name);

// `from` and `to`, both or neither.
Result<std::optional<TimeRange>> range_parameters(const http::Request& request);

http::Response json_response(std::string body, int status = 200);

}  // namespace driftguard::api

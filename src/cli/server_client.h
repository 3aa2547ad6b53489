// SPDX-License-Identifier: Apache-2.0
// Calls of driftguard's own HTTP API.
#pragma once

#include <string>

#include "client/http_client.h"

namespace driftguard::cli {

using client::HttpAnswer;
using client::HttpCall;
using client::HttpClient;
using client::TargetText;

// kInvalidArgument: --url is none.
Result<HttpClient> make_client(const std::string& url);

// The body of a 2xx; else what error_of() makes of the answer, or HttpClient::call()'s errors.
Result<std::string> body_of(HttpClient& server, const HttpCall& call);

// An answer that is no 2xx as an Error: problem details with the first of their `errors`.
Error error_of(const HttpAnswer& answer, const std::string& url);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
// Errors as RFC 9457 `application/problem+json`, the only shape in which this program says no.
//
// Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "http/message.h"

namespace driftguard::http {

// The parts of a problem that are rarely given.
struct ProblemOptions {
  // A stable relative URI, "/problems/body-too-large"; "" = made from the status ("/problems/" and
  // the reason phrase in lower case with dashes).
  std::string_view type = {};
  std::string_view title = {};  // The same for every problem of one type; "" = the reason phrase.
  // Further members as JSON text without braces: R"("error_count":1,"errors":[...])".
  std::string_view members = {};
};

// An answer with `type`, `title`, `status`, `detail` and the further members, in this order.
// `detail` is one sentence for people; bytes that are not UTF-8 become U+FFFD.
Response problem(int status, std::string_view detail, const ProblemOptions& options = {});

// The problem for an Error: kInvalidArgument 400, kNotFound 404, kConflict 409, kTooLarge 413,
// kOverloaded and kUnavailable 503 with Retry-After: 1, the others 500 (without their detail: it
// is for the log, not for strangers).
Response problem(const Error& error);

// "Not Found" for 404; "Unknown" for a number without a name.
std::string_view reason_phrase(int status);

}  // namespace driftguard::http

// SPDX-License-Identifier: Apache-2.0
// Answers that a client may have already (RFC 9110, 13.1.2). Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace driftguard::http {

// A weak entity tag of these bytes: it is the same for every content coding of them.
std::string entity_tag(std::string_view bytes);

// Whether an If-None-Match header names `tag`, by weak comparison, or is "*".
bool names_tag(std::string_view if_none_match, std::string_view tag);

// Whether the client has what `tag` names.
bool has_already(const Request& request, std::string_view tag);

// The 304 that says so; `headers` are those that the 200 would have had.
Response not_modified(std::vector<std::pair<std::string, std::string>> headers);

}  // namespace driftguard::http

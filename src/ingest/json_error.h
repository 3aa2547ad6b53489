// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace driftguard::ingest {

// Why `body` was refused by simdjson, and where, for a person. The place is looked for (by a
// second, slower parser) only in bodies of at most 1 MiB, so that nonsense stays cheap to refuse.
std::string describe_json_error(std::string_view body, simdjson::error_code error);

}  // namespace driftguard::ingest

// SPDX-License-Identifier: Apache-2.0
// The request target's parts: percent-encoding, path segments, query.
//
// Pure functions; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftguard::http {

// Undoes %XX, and `+` for a space where `plus_is_space` (queries). Nothing: a broken escape, or an
// escaped NUL, which no name of ours contains and C interfaces below would cut at.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// The decoded segments of a path that begins with '/': "/a/b%20c" -> "a", "b c". Split before
// decoding. Nothing: a broken escape, or a segment "." or "..", which nobody honest sends.
std::optional<std::vector<std::string>> path_segments(std::string_view raw_path);

// "a=1&b" -> {a: 1, b: ""}; of a repeated name the last wins. Nothing: a broken escape.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view raw_query);

}  // namespace driftguard::http

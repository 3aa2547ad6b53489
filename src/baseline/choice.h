// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace driftguard::baseline {

inline constexpr int kVersionMax = 1'000'000'000;

// Which baseline a question is to be compared with.
struct BaselineChoice {
  enum class Kind {
    kActive,    // The active version, or the pinned file.
    kVersion,   // One version.
    kTrailing,  // The time before the window (derived.h).
    kSeasonal,  // The same hours of the weeks before.
  };
  Kind kind = Kind::kActive;
  int version = 0;  // Of kVersion.

  friend bool operator==(const BaselineChoice&, const BaselineChoice&) = default;
};

// "fixed" (the active one), "trailing", "seasonal" or the number of a version.
Result<BaselineChoice> parse_choice(std::string_view text);
std::string to_string(const BaselineChoice& choice);  // The same text.

}  // namespace driftguard::baseline

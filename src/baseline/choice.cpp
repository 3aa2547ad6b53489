// SPDX-License-Identifier: Apache-2.0
#include "baseline/choice.h"

#include <fmt/format.h>

#include <charconv>

namespace driftguard::baseline {

Result<BaselineChoice> parse_choice(std::string_view text) {
  using Kind = BaselineChoice::Kind;
  if (text == "fixed") return BaselineChoice{};
  if (text == "trailing") return BaselineChoice{Kind::kTrailing, 0};
  if (text == "seasonal") return BaselineChoice{Kind::kSeasonal, 0};
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size() || version < 1 ||
      version > kVersionMax) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("baseline: \"{}\" is none of fixed, trailing, seasonal, and no version "
                    "number",
                    text)};
  }
  return BaselineChoice{Kind::kVersion, version};
}

std::string to_string(const BaselineChoice& choice) {
  switch (choice.kind) {
    case BaselineChoice::Kind::kActive:
      return "fixed";
    case BaselineChoice::Kind::kVersion:
      return std::to_string(choice.version);
    case BaselineChoice::Kind::kTrailing:
      return "trailing";
    case BaselineChoice::Kind::kSeasonal:
      return "seasonal";
  }
  return {};
}

}  // namespace driftguard::baseline

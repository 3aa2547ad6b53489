// SPDX-License-Identifier: Apache-2.0
// What a person told the guard to answer, for a while and for a reason. Values and pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace driftguard::guard {

enum class Verdict { kAllow, kDeny };
std::string_view verdict_name(Verdict verdict);  // "allow", "deny".
std::optional<Verdict> verdict_named(std::string_view name);

// What somebody asks for.
struct OverrideOrder {
  static constexpr std::size_t kReasonBytesMax = 500;
  static constexpr std::size_t kNameBytesMax = 200;
  static constexpr std::chrono::hours kLongest{24 * 30};

  std::string service;
  std::optional<std::string> endpoint;  // Empty: all of the service's.
  Verdict verdict = Verdict::kAllow;
  std::string reason;
  std::string by;
  Time until;

  // kInvalidArgument names the member that is missing, too long or out of range.
  Result<void> check(Time now) const;
};

struct Override {
  std::int64_t id = 0;  // Grows with time; never used again.
  OverrideOrder order;
  Time created_at;
  std::optional<Time> ended_at;  // By hand, before its time.
  std::string ended_by;
  std::string ended_because;

  bool holds(Time now) const { return !ended_at && now < order.until; }
};

// As the store keeps it and the API gives it; `now` tells whether it holds.
nlohmann::ordered_json override_json(const Override& one, Time now);
// kCorrupt: it is none.
Result<Override> override_from_json(std::string_view text);

}  // namespace driftguard::guard

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"

namespace driftguard::alert {

// How evidence went: the last six hours, a value a minute, each to within 8 %. Not thread-safe.
class Course final {
 public:
  static constexpr std::int64_t kMinutes = 360;

  // Evidence as a share of its threshold, at the end of a minute (counted from 1970). Minutes
  // ascend; those left out are empty.
  void add(std::int64_t minute, double share_of_threshold);
  // Of kMinutes minutes, the last one being `last`.
  std::vector<std::optional<double>> until(std::int64_t last) const;

  void encode(ByteWriter& out) const;
  static Course decode(ByteReader& in);  // Malformed bytes turn `in` not ok.

 private:
  std::int64_t newest_ = 0;           // The newest minute; the ring holds those before it.
  std::vector<std::uint8_t> levels_;  // kMinutes of them, or none; 0: no value.
};

}  // namespace driftguard::alert

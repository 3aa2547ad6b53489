// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.h"

namespace driftguard::sketch {

// The sum of doubles, kept exactly as integers, so that it does not depend on the order or the
// grouping in which values arrive: a long fixed-point accumulator (Kulisch) held sparsely, one
// 128-bit integer per 32 binary orders of magnitude that occur.
//
// Exact for up to 2^42 values (then an integer could overflow). A value that is not finite (a
// square that overflowed, say) makes the sum saturated(): it has no value any more.
// Not thread-safe.
class ExactSum final {
 public:
  // Adds `value` `times` times.
  void add(double value, std::uint64_t times = 1);
  void merge(const ExactSum& other);

  // The sum rounded to a double; infinity when it is out of range, NaN when saturated().
  double value() const;
  bool saturated() const { return saturated_; }

  void encode(ByteWriter& out) const;
  // A malformed text turns `in` not ok.
  static ExactSum decode(ByteReader& in);

  friend bool operator==(const ExactSum&, const ExactSum&) = default;

 private:
  struct Limb {
    std::int32_t order;  // The limb counts units of 2^(32 * order - 1074).
    __int128 units;
    friend bool operator==(const Limb&, const Limb&) = default;
  };

  __int128& limb(std::int32_t order);

  std::vector<Limb> limbs_;  // Ascending by order; almost always one to three of them.
  bool saturated_ = false;
};

}  // namespace driftguard::sketch

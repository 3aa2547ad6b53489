// SPDX-License-Identifier: Apache-2.0
#include "sketch/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace driftguard::sketch {
namespace {

constexpr int kMantissaBits = 52;
constexpr int kOrderBits = 32;
constexpr int kLeastExponent = -1074;
constexpr std::uint64_t kLimbsMax = 64;  // 2046 exponents / 32.

}  // namespace

__int128& ExactSum::limb(std::int32_t order) {
  auto at = std::lower_bound(limbs_.begin(), limbs_.end(), order,
                             [](const Limb& limb, std::int32_t o) { return limb.order < o; });
  if (at == limbs_.end() || at->order != order) at = limbs_.insert(at, Limb{order, 0});
  return at->units;
}

void ExactSum::add(double value, std::uint64_t times) {
  if (!std::isfinite(value)) {
    saturated_ = true;
    return;
  }
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int exponent_field = static_cast<int>(bits >> kMantissaBits & 0x7ff);
  std::uint64_t mantissa = bits & ((std::uint64_t{1} << kMantissaBits) - 1);
  if (exponent_field != 0) mantissa |= std::uint64_t{1} << kMantissaBits;
  if (mantissa == 0) return;
  const int exponent = std::max(exponent_field, 1) - 1;  // Above kLeastExponent.
  // As an unsigned product: |units| stays below 2^(53 + 31 + 42).
  auto units = static_cast<unsigned __int128>(mantissa) << (exponent % kOrderBits);
  units *= times;
  const auto signed_units = static_cast<__int128>(units);
  limb(exponent / kOrderBits) += (bits >> 63) != 0 ? -signed_units : signed_units;
}

void ExactSum::merge(const ExactSum& other) {
  for (const Limb& theirs : other.limbs_) limb(theirs.order) += theirs.units;
  saturated_ = saturated_ || other.saturated_;
}

double ExactSum::value() const {
  if (saturated_) return std::numeric_limits<double>::quiet_NaN();
  long double total = 0;
  for (const Limb& limb : limbs_) {  // From the smallest order up.
    total +=
        std::ldexp(static_cast<long double>(limb.units), limb.order * kOrderBits + kLeastExponent);
  }
  return static_cast<double>(total);
}

void ExactSum::encode(ByteWriter& out) const {
  out.u8(saturated_ ? 1 : 0);
  out.varint(limbs_.size());
  for (const Limb& limb : limbs_) {
    out.varint(static_cast<std::uint64_t>(limb.order));
    out.varint(static_cast<std::uint64_t>(limb.units));
    out.zigzag(static_cast<std::int64_t>(limb.units >> 64));
  }
}

ExactSum ExactSum::decode(ByteReader& in) {
  ExactSum sum;
  sum.saturated_ = in.u8() != 0;
  const std::uint64_t size = in.varint();
  for (std::uint64_t i = 0; i < std::min(size, kLimbsMax) && in.ok(); ++i) {
    const auto order = static_cast<std::int32_t>(in.varint() % kLimbsMax);
    const std::uint64_t low = in.varint();
    const std::int64_t high = in.zigzag();
    sum.limbs_.push_back({order, static_cast<__int128>(high) << 64 | low});
  }
  return sum;
}

}  // namespace driftguard::sketch

// SPDX-License-Identifier: Apache-2.0
#include "alert/course.h"

#include <algorithm>
#include <cmath>

namespace driftguard::alert {
namespace {

// A level is 1 + kSteps times the decades above kDecadeMin.
constexpr double kDecadeMin = -6;
constexpr double kSteps = 15;
constexpr int kLevelMax = 255;

std::uint8_t level_of(double share) {
  const double decades = std::log10(std::max(share, 1e-300)) - kDecadeMin;
  return static_cast<std::uint8_t>(
      1 + std::lround(std::clamp(decades * kSteps, 0.0, static_cast<double>(kLevelMax - 1))));
}

std::size_t place_of(std::int64_t minute) {
  return static_cast<std::size_t>((minute % Course::kMinutes + Course::kMinutes) %
                                  Course::kMinutes);
}

}  // namespace

void Course::add(std::int64_t minute, double share_of_threshold) {
  if (levels_.empty()) {
    levels_.resize(static_cast<std::size_t>(kMinutes));
    newest_ = minute - 1;
  }
  if (minute <= newest_) return;
  for (std::int64_t m = std::max(newest_ + 1, minute - kMinutes + 1); m < minute; ++m) {
    levels_[place_of(m)] = 0;
  }
  levels_[place_of(minute)] = level_of(share_of_threshold);
  newest_ = minute;
}

std::vector<std::optional<double>> Course::until(std::int64_t last) const {
  std::vector<std::optional<double>> values(static_cast<std::size_t>(kMinutes));
  if (levels_.empty()) return values;
  for (std::int64_t i = 0; i < kMinutes; ++i) {
    const std::int64_t minute = last - kMinutes + 1 + i;
    if (minute > newest_ || minute <= newest_ - kMinutes) continue;
    const std::uint8_t level = levels_[place_of(minute)];
    if (level == 0) continue;
    values[static_cast<std::size_t>(i)] = std::pow(10.0, kDecadeMin + (level - 1) / kSteps);
  }
  return values;
}

void Course::encode(ByteWriter& out) const {
  out.zigzag(newest_);
  out.varint(levels_.size());
  for (const std::uint8_t level : levels_) out.u8(level);
}

Course Course::decode(ByteReader& in) {
  Course course;
  course.newest_ = in.zigzag();
  const std::uint64_t size = in.varint();
  if (size != 0 && size != static_cast<std::uint64_t>(kMinutes)) in.fail();
  for (std::uint64_t i = 0; i < size && in.ok(); ++i) course.levels_.push_back(in.u8());
  return course;
}

}  // namespace driftguard::alert

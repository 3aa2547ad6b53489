// SPDX-License-Identifier: Apache-2.0
#include "report/volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace driftguard::report {

VolumeProfile::VolumeProfile(std::vector<std::uint64_t> counts) : sorted_(std::move(counts)) {
  const auto empty = [](std::uint64_t count) { return count == 0; };
  sorted_.erase(std::find_if_not(sorted_.rbegin(), sorted_.rend(), empty).base(), sorted_.end());
  sorted_.erase(sorted_.begin(), std::find_if_not(sorted_.begin(), sorted_.end(), empty));
  std::sort(sorted_.begin(), sorted_.end());
}

double VolumeProfile::mean() const {
  assert(!sorted_.empty());
  const std::uint64_t sum = std::accumulate(sorted_.begin(), sorted_.end(), std::uint64_t{0});
  return static_cast<double>(sum) / static_cast<double>(sorted_.size());
}

std::uint64_t VolumeProfile::quantile(unsigned percent) const {
  assert(!sorted_.empty() && percent > 0 && percent <= 100);
  const std::size_t rank = (sorted_.size() * percent + 99) / 100;  // From 1.
  return sorted_[rank - 1];
}

VolumeStatus judge_volume(std::uint64_t events, const VolumeProfile& profile) {
  VolumeStatus volume;
  volume.events = events;
  volume.stretches = profile.stretches();
  if (volume.stretches < kVolumeStretchesMin) return volume;
  const auto least = static_cast<double>(profile.quantile(1));
  const auto most = static_cast<double>(profile.quantile(99));
  volume.expected = profile.mean();
  volume.low = std::max(0.0, least - kVolumeNoise * std::sqrt(least));
  volume.high = most + kVolumeNoise * std::sqrt(std::max(1.0, most));
  const auto count = static_cast<double>(events);
  if (events == 0 && volume.expected >= kSilentExpected && least > 0) {
    volume.state = VolumeState::kSilent;
  } else if (count < volume.low) {
    volume.state = VolumeState::kLow;
  } else {
    volume.state = count > volume.high ? VolumeState::kHigh : VolumeState::kUsual;
  }
  return volume;
}

const char* state_name(VolumeState state) {
  switch (state) {
    case VolumeState::kUsual:
      return "usual";
    case VolumeState::kLow:
      return "low";
    case VolumeState::kHigh:
      return "high";
    case VolumeState::kSilent:
      return "silent";
    case VolumeState::kInsufficientBaseline:
      return "insufficient_baseline";
  }
  return "";
}

std::string sentence_of(const VolumeStatus& volume) {
  const std::string head =
      fmt::format("{} events in {} min", volume.events, kVolumeStretch.count());
  const std::string usual =
      fmt::format("{:.4g} to {:.4g}, {:.4g} on average", volume.low, volume.high, volume.expected);
  switch (volume.state) {
    case VolumeState::kUsual:
      return fmt::format("{}, as usual ({})", head, usual);
    case VolumeState::kLow:
      return fmt::format("{}, fewer than usual ({})", head, usual);
    case VolumeState::kHigh:
      return fmt::format("{}, more than usual ({})", head, usual);
    case VolumeState::kSilent:
      return fmt::format("no events in {} min where {:.4g} are usual", kVolumeStretch.count(),
                         volume.expected);
    case VolumeState::kInsufficientBaseline:
      return fmt::format("{}; the baseline has {} stretches as long to compare with, {} are needed",
                         head, volume.stretches, kVolumeStretchesMin);
  }
  return {};
}

}  // namespace driftguard::report

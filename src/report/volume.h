// SPDX-License-Identifier: Apache-2.0
// Traffic volume: the events of the last minutes against those of stretches as long within the
// baseline. Pure functions; safe from any thread. docs/SLO.md tells the rules to people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace driftguard::report {

inline constexpr std::chrono::minutes kVolumeStretch{5};

// How many events came in stretches of kVolumeStretch while all was normal. Immutable once made.
class VolumeProfile final {
 public:
  VolumeProfile() = default;
  // `counts` in the order of time. Empty stretches before the first event and after the last do
  // not count: nothing was watched yet, or it is no longer kept.
  explicit VolumeProfile(std::vector<std::uint64_t> counts);

  std::size_t stretches() const { return sorted_.size(); }
  double mean() const;  // Needs stretches() > 0, as does quantile().
  // Nearest-rank, 0 < percent <= 100 (asserted).
  std::uint64_t quantile(unsigned percent) const;

 private:
  std::vector<std::uint64_t> sorted_;
};

enum class VolumeState {
  kUsual,
  kLow,                   // Fewer than in all but one of a hundred stretches, by more than noise.
  kHigh,                  // More than in all but one of a hundred, by more than noise.
  kSilent,                // None where kSilentExpected are expected and silence was not usual.
  kInsufficientBaseline,  // Fewer than kVolumeStretchesMin stretches to compare with.
};
inline constexpr std::size_t kVolumeStretchesMin = 12;
inline constexpr double kSilentExpected = 20;
// Counts of the same traffic differ by their square root; this many of them are not noise.
inline constexpr double kVolumeNoise = 3;

struct VolumeStatus {
  VolumeState state = VolumeState::kInsufficientBaseline;
  std::uint64_t events = 0;
  std::size_t stretches = 0;
  double expected = 0;  // Mean of the baseline's stretches.
  double low = 0;       // The least and the most that are usual.
  double high = 0;
};
VolumeStatus judge_volume(std::uint64_t events, const VolumeProfile& profile);

const char* state_name(VolumeState state);
// One sentence with its numbers.
std::string sentence_of(const VolumeStatus& volume);

}  // namespace driftguard::report

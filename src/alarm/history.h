// SPDX-License-Identifier: Apache-2.0
// A baseline as counts in cells, bucket by bucket, and what it tells of its own unrest.
// Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftguard::alarm {

// Non-empty buckets in order of time.
class History final {
 public:
  // Ten-second buckets of a week, more or less: the oldest are the ones kept.
  static constexpr std::size_t kBucketsMax = 65'536;

  explicit History(std::size_t cells) : cells_(cells) {}

  // Leaves empty buckets out, and those beyond kBucketsMax. Numbers ascend (asserted).
  void add(std::int64_t bucket, std::span<const std::uint32_t> counts);

  std::size_t cells() const { return cells_; }
  std::size_t size() const { return buckets_.size(); }
  std::int64_t bucket(std::size_t i) const { return buckets_[i]; }
  std::span<const std::uint32_t> counts(std::size_t i) const {
    return std::span(counts_).subspan(i * cells_, cells_);
  }
  std::vector<std::uint64_t> totals() const;

 private:
  std::size_t cells_;
  std::vector<std::int64_t> buckets_;
  std::vector<std::uint32_t> counts_;
};

// Overdispersion at short range: how many times more the mean of a score (one number a cell) varies
// from one stretch of buckets to the next than it would if events were independent draws from
// `shares`; 1 for such events. The largest over stretches of ten seconds, a minute and five, from
// squared successive differences (von Neumann 1941), which leave slow wobble out: that is for
// wobble_variance() to find.
//
// Dividing the exponent of an e-value by it makes evidence from dependent events as strong as from
// the number of independent ones that they are worth (quasi-likelihood, McCullagh 1983).
struct Dispersion {
  double ratio = 1;          // At least 1.
  bool significant = false;  // More than chance makes of independent events.
};
Dispersion dispersion(const History& history, std::span<const double> score,
                      std::span<const double> shares);

// All events of a history, or those of cells [first, last].
struct Indicator {
  std::size_t first;
  std::size_t last;
  double share;  // Of all events of the history.
  double dispersion;
};

// The standard deviation that slow wobble gives to a share: of the share over blocks of
// `block_buckets`, less what sampling makes of it when events are `dispersion` times overdispersed
// (method of moments, DerSimonian and Laird 1986), and then its upper 99 % limit for as many
// independent blocks as their autocorrelation leaves: a baseline of a day has seen a slow wave only
// a few times. 0 when not significant.
double wobble_limit(const History& history, const Indicator& indicator, std::int64_t block_buckets);

// Blocks of the history that hold events.
std::size_t blocks(const History& history, std::int64_t block_buckets);

}  // namespace driftguard::alarm

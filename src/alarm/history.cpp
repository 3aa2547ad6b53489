// SPDX-License-Identifier: Apache-2.0
#include "alarm/history.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

namespace driftguard::alarm {
namespace {

// In buckets: ten seconds, a minute, five minutes.
constexpr std::array<std::int64_t, 3> kStretches = {1, 6, 30};
// Standard errors that an excess must show to count.
constexpr double kSignificant = 3.5;
// The same for wobble, where a few dozen blocks make a skewed statistic, looked at edge by edge.
constexpr double kWobbleSignificant = 5.0;
// A cycle of a day is one wave; fewer than this make no useful limit.
constexpr double kIndependentMin = 8.0;
// Pairs of stretches that an estimate needs.
constexpr std::size_t kPairsMin = 20;

struct Stretch {
  double n = 0;
  double sum = 0;  // Of the score, less its mean.
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return (a - (a % b + b) % b) / b; }

// Sums of bucket sums over stretches of `buckets`; only stretches with events.
std::vector<Stretch> gathered(const History& history, std::span<const Stretch> by_bucket,
                              std::int64_t buckets) {
  std::vector<Stretch> stretches;
  stretches.reserve(by_bucket.size() / static_cast<std::size_t>(buckets) + 2);
  std::int64_t current = 0;
  for (std::size_t i = 0; i < by_bucket.size(); ++i) {
    const std::int64_t number = floor_div(history.bucket(i), buckets);
    if (stretches.empty() || number != current) stretches.emplace_back();
    current = number;
    stretches.back().n += by_bucket[i].n;
    stretches.back().sum += by_bucket[i].sum;
  }
  return stretches;
}

// Mean of squared successive differences over their expectation.
Dispersion successive(std::span<const Stretch> stretches, double variance) {
  double sum = 0.0;
  double squares = 0.0;
  std::size_t pairs = 0;
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    const Stretch& a = stretches[i - 1];
    const Stretch& b = stretches[i];
    const double gap = b.sum / b.n - a.sum / a.n;
    const double ratio = gap * gap / (variance * (1.0 / a.n + 1.0 / b.n));
    sum += ratio;
    squares += ratio * ratio;
    ++pairs;
  }
  if (pairs < kPairsMin) return {};
  const auto count = static_cast<double>(pairs);
  const double mean = sum / count;
  // Neighbouring differences share a stretch, which makes the error sqrt(3/2) times larger.
  const double error = std::sqrt(1.5 * std::max(squares / count - mean * mean, 0.0) / count);
  return {std::max(1.0, mean), mean - 1.0 > kSignificant * error};
}

// The excess of cells [first, last] over the expected, block by block.
std::vector<Stretch> block_sums(const History& history, const Indicator& indicator,
                                std::int64_t block_buckets) {
  std::vector<Stretch> by_bucket(history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    const std::span<const std::uint32_t> counts = history.counts(i);
    const double n = std::accumulate(counts.begin(), counts.end(), 0.0);
    double inside = 0.0;
    for (std::size_t j = indicator.first; j <= indicator.last; ++j) inside += counts[j];
    by_bucket[i] = {n, inside - n * indicator.share};
  }
  return gathered(history, by_bucket, block_buckets);
}

// How many independent blocks are worth as much as these, by their lag-one autocorrelation
// (Bayley and Hammersley 1946, for a first-order process).
double independent_blocks(std::span<const Stretch> blocks) {
  double variance = 0.0;
  double covariance = 0.0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const double here = blocks[i].sum / blocks[i].n;
    variance += here * here;
    if (i > 0) covariance += here * blocks[i - 1].sum / blocks[i - 1].n;
  }
  const auto count = static_cast<double>(blocks.size());
  double rho = variance > 0.0 ? covariance / variance : 0.0;
  rho = std::clamp(rho + (1.0 + 3.0 * rho) / count, 0.0, 1.0);  // Its bias (Kendall 1954).
  return count * (1.0 - rho) / (1.0 + rho);
}

// A variance estimated from so many independent values, times this, is its upper 99 % limit:
// degrees / chi-square quantile, by Wilson and Hilferty's approximation (1931).
double upper_limit_factor(double independent) {
  const double degrees = std::max(independent, kIndependentMin);
  const double root = 1.0 - 2.0 / (9.0 * degrees) - 2.3263 * std::sqrt(2.0 / (9.0 * degrees));
  return 1.0 / (root * root * root);
}

}  // namespace

void History::add(std::int64_t bucket, std::span<const std::uint32_t> counts) {
  assert(counts.size() == cells_);
  assert(buckets_.empty() || bucket > buckets_.back());
  const bool is_empty =
      std::all_of(counts.begin(), counts.end(), [](std::uint32_t n) { return n == 0; });
  if (is_empty || buckets_.size() >= kBucketsMax) return;
  buckets_.push_back(bucket);
  counts_.insert(counts_.end(), counts.begin(), counts.end());
}

std::vector<std::uint64_t> History::totals() const {
  std::vector<std::uint64_t> totals(cells_);
  for (std::size_t i = 0; i < counts_.size(); ++i) totals[i % cells_] += counts_[i];
  return totals;
}

Dispersion dispersion(const History& history, std::span<const double> score,
                      std::span<const double> shares) {
  assert(score.size() == history.cells() && shares.size() == history.cells());
  double mean = 0.0;
  double square = 0.0;
  for (std::size_t j = 0; j < score.size(); ++j) {
    mean += shares[j] * score[j];
    square += shares[j] * score[j] * score[j];
  }
  const double variance = square - mean * mean;
  if (variance <= 1e-12 * square) return {};  // The score does not vary.
  std::vector<Stretch> by_bucket(history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    const std::span<const std::uint32_t> counts = history.counts(i);
    for (std::size_t j = 0; j < counts.size(); ++j) {
      by_bucket[i].n += counts[j];
      by_bucket[i].sum += counts[j] * (score[j] - mean);
    }
  }
  Dispersion largest;
  for (const std::int64_t buckets : kStretches) {
    const Dispersion found = successive(gathered(history, by_bucket, buckets), variance);
    largest.ratio = std::max(largest.ratio, found.ratio);
    largest.significant = largest.significant || found.significant;
  }
  return largest;
}

double wobble_limit(const History& history, const Indicator& indicator,
                    std::int64_t block_buckets) {
  const double share = indicator.share;
  if (share <= 0.0 || share >= 1.0) return 0.0;
  const std::vector<Stretch> of_block = block_sums(history, indicator, block_buckets);
  const double sampling = indicator.dispersion * share * (1.0 - share);
  double n = 0.0;
  double n_squares = 0.0;
  double q = 0.0;  // Cochran's statistic, chi-square with blocks - 1 degrees without wobble.
  for (const Stretch& block : of_block) {
    n += block.n;
    n_squares += block.n * block.n;
    q += block.sum * block.sum / (block.n * sampling);
  }
  const auto degrees = static_cast<double>(of_block.size()) - 1.0;
  if (degrees < 1.0 || q < degrees + kWobbleSignificant * std::sqrt(2.0 * degrees)) return 0.0;
  const double variance = (q - degrees) * sampling / (n - n_squares / n);
  return std::sqrt(variance * upper_limit_factor(independent_blocks(of_block)));
}

std::size_t blocks(const History& history, std::int64_t block_buckets) {
  std::size_t count = 0;
  std::int64_t current = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const std::int64_t number = floor_div(history.bucket(i), block_buckets);
    count += static_cast<std::size_t>(i == 0 || number != current);
    current = number;
  }
  return count;
}

}  // namespace driftguard::alarm

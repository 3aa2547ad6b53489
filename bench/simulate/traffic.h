// SPDX-License-Identifier: Apache-2.0
// Traffic with a known truth, folded bucket by bucket by the real fold. Everything comes from the
// seed; time is simulated.
#pragma once

#include <array>
#include <boost/random/normal_distribution.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/time.h"
#include "rollup/fold.h"

namespace driftguard::simulate {

enum class Arrivals {
  kEven,     // As many events in each bucket.
  kPoisson,  // Independent of one another.
  kBursts,   // Poisson, and ten times as many for a minute, about every 20 minutes.
  kDaily,    // Poisson, 40 % to 160 % of the rate over the day, values 0.1 sd up and down with it.
};

enum class Drift {
  kNone,
  kShift,        // The first number's mean moves by `size` standard deviations.
  kScale,        // Its deviation is multiplied by `size`.
  kOutliers,     // A share `size` of it lies beyond four standard deviations.
  kNewCategory,  // A share `size` of the category is a value never seen.
  kFailures,     // The failure rate becomes `size`.
  kSlower,       // All durations are multiplied by `size`.
  kMissing,      // A share `size` of the first number is absent.
  kTexts,        // A share `size` of the first number comes as text.
  kTogether,     // The second number is correlated with the first by `size`; each stays as it was.
};

struct TrafficSpec {
  int numbers = 19;  // Numeric features, normal; beside them one categorical.
  std::vector<double> categories = {0.6, 0.3, 0.1};  // Shares of its values.
  double rate = 10;                                  // Events a second.
  Arrivals arrivals = Arrivals::kEven;
  double rho = 0;     // Correlation of a number with the same number of the event before (AR(1)).
  double wobble = 0;  // Deviation of the level, a slow wave of an hour's memory (in sd).
  double failures = 0.001;
  double latency_median_ms = 300;
};

// What changes from `from` on.
struct Change {
  Drift drift = Drift::kNone;
  double size = 0;
  Time from = kLatest;
};

inline constexpr const char* kEndpoint = "POST /v2/payments";

// xoshiro256++ (Blackman and Vigna 2021): a fast source of random bits.
class RandomBits final {
 public:
  using result_type = std::uint64_t;
  explicit RandomBits(std::uint64_t seed);
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()();

 private:
  std::array<std::uint64_t, 4> state_;
};

// Makes the buckets one after another. Not thread-safe.
class Traffic final {
 public:
  Traffic(const TrafficSpec& spec, std::uint64_t seed);

  // The rollup of the bucket that starts at `start`; buckets are to be asked for in order.
  rollup::Rollup bucket(Time start, const Change& change = {});

  static std::string number_pointer(int feature);
  static std::string category_pointer();

 private:
  struct Number {
    double level = 0;     // Of the slow wave.
    double previous = 0;  // Of the AR(1).
  };

  std::size_t events_in(Time start);
  double next(Number* number);
  void event(Time at, const Change& change, double cycle);

  TrafficSpec spec_;
  RandomBits random_;
  boost::random::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  std::vector<Number> numbers_;
  std::vector<std::string> names_;
  std::vector<std::string> pointers_;
  rollup::BucketFold fold_;
};

}  // namespace driftguard::simulate

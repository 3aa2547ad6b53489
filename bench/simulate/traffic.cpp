// SPDX-License-Identifier: Apache-2.0
#include "simulate/traffic.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <numbers>

#include "rollup/bucket.h"

namespace driftguard::simulate {
namespace {

constexpr double kSecondsADay = 86'400;
constexpr double kWaveMemoryS = 3'600;
constexpr double kBurstEveryS = 1'200;
constexpr double kBurstFactor = 10;
constexpr std::int64_t kBurstBuckets = 6;
constexpr double kCycleLevel = 0.1;
constexpr double kCycleRate = 0.6;
constexpr double kLatencySpread = 0.6;
constexpr double kFarOut = 4.0;

// As amounts and scores come: few digits.
double rounded(double z) { return std::round(z * 1000.0) / 1000.0; }

double bucket_seconds() { return std::chrono::duration<double>(rollup::kBucketWidth).count(); }

double day_wave(Time t) {
  const double seconds = std::chrono::duration<double>(t.time_since_epoch()).count();
  return std::sin(2.0 * std::numbers::pi * seconds / kSecondsADay);
}

}  // namespace

RandomBits::RandomBits(std::uint64_t seed) {
  std::seed_seq mixer{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  std::array<std::uint32_t, 8> words;
  mixer.generate(words.begin(), words.end());
  for (std::size_t i = 0; i < state_.size(); ++i) {
    state_[i] = (std::uint64_t{words[2 * i]} << 32) | words[2 * i + 1];
  }
}

RandomBits::result_type RandomBits::operator()() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

Traffic::Traffic(const TrafficSpec& spec, std::uint64_t seed)
    : spec_(spec), random_(seed), numbers_(static_cast<std::size_t>(spec.numbers)) {
  for (int f = 0; f < spec.numbers; ++f) pointers_.push_back(number_pointer(f));
  pointers_.push_back(category_pointer());
  for (std::size_t k = 0; k < spec.categories.size(); ++k) {
    names_.push_back(fmt::format("category-{}", k));
  }
  for (Number& number : numbers_) {
    number.level = spec_.wobble * normal_(random_);
    number.previous = normal_(random_);
  }
}

std::string Traffic::number_pointer(int feature) {
  return fmt::format("/request/body/n{:02}", feature);
}

std::string Traffic::category_pointer() { return "/request/body/kind"; }

std::size_t Traffic::events_in(Time start) {
  double mean = spec_.rate * bucket_seconds();
  if (spec_.arrivals == Arrivals::kEven) return static_cast<std::size_t>(mean);
  if (spec_.arrivals == Arrivals::kDaily) mean *= 1.0 + kCycleRate * day_wave(start);
  if (spec_.arrivals == Arrivals::kBursts) {
    // Whether the minute bursts depends on its number alone.
    const auto minute = start.time_since_epoch() / (rollup::kBucketWidth * kBurstBuckets);
    std::minstd_rand die(static_cast<std::uint32_t>(minute * 2654435761u) | 1u);
    die.discard(3);
    if (uniform_(die) < 60.0 / kBurstEveryS) mean *= kBurstFactor;
  }
  return std::poisson_distribution<std::size_t>(mean)(random_);
}

double Traffic::next(Number* number) {
  const double fresh = normal_(random_);
  if (spec_.rho == 0.0) return fresh;
  number->previous = spec_.rho * number->previous + std::sqrt(1.0 - spec_.rho * spec_.rho) * fresh;
  return number->previous;
}

void Traffic::event(Time at, const Change& change, double cycle) {
  const Drift drift = at >= change.from ? change.drift : Drift::kNone;
  fold_.begin_event(at);
  double first = 0.0;
  for (std::size_t f = 0; f < numbers_.size(); ++f) {
    double z = next(&numbers_[f]);
    if (f == 0) first = z;
    if (f == 1 && drift == Drift::kTogether) {
      z = change.size * first + std::sqrt(1.0 - change.size * change.size) * z;
    }
    const Drift mine = f == 0 ? drift : Drift::kNone;
    if (mine == Drift::kMissing && uniform_(random_) < change.size) continue;
    if (mine == Drift::kTexts && uniform_(random_) < change.size) {
      fold_.text(f, "n/a");
      continue;
    }
    if (mine == Drift::kScale) z *= change.size;
    if (mine == Drift::kShift) z += change.size;
    if (mine == Drift::kOutliers && uniform_(random_) < change.size) {
      z = std::copysign(kFarOut + std::abs(z), z);
    }
    fold_.number(f, rounded(z + numbers_[f].level + cycle));
  }
  double u = uniform_(random_);
  std::size_t k = 0;
  while (k + 1 < names_.size() && u >= spec_.categories[k]) u -= spec_.categories[k++];
  const bool is_new = drift == Drift::kNewCategory && uniform_(random_) < change.size;
  fold_.text(numbers_.size(), is_new ? std::string_view("never-seen") : names_[k]);
  fold_.end_event();
  const double failures = drift == Drift::kFailures ? change.size : spec_.failures;
  fold_.count_status(uniform_(random_) < failures ? 500 : 200);
  const double slower = drift == Drift::kSlower ? change.size : 1.0;
  fold_.latency(
      std::round(spec_.latency_median_ms * slower * std::exp(kLatencySpread * normal_(random_))));
}

rollup::Rollup Traffic::bucket(Time start, const Change& change) {
  const double memory = std::exp(-bucket_seconds() / kWaveMemoryS);
  const double kick = spec_.wobble * std::sqrt(1.0 - memory * memory);
  if (spec_.wobble > 0.0) {
    for (Number& number : numbers_) {
      number.level = memory * number.level + kick * normal_(random_);
    }
  }
  const std::size_t events = events_in(start);
  const double cycle = spec_.arrivals == Arrivals::kDaily ? kCycleLevel * day_wave(start) : 0.0;
  for (std::size_t i = 0; i < events; ++i) {
    const Time at = start + std::chrono::microseconds(rollup::kBucketWidth) *
                                static_cast<std::int64_t>(i) / static_cast<std::int64_t>(events);
    event(at, change, cycle);
  }
  return fold_.take(pointers_);
}

}  // namespace driftguard::simulate

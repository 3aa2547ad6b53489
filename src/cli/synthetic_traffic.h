// SPDX-License-Identifier: Apache-2.0
// The seed's synthetic traffic: payments whose amounts and durations are lognormal, in three
// currencies, from fifty clients, two of a thousand failing.
//
// Values are drawn by strata, not independently: every hundred events hold each percentile of the
// amount and of the duration once, and each currency and client exactly as often as it should be.
// So two stretches of the same kind never differ by chance: the demo cannot flap, whatever the
// seed.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "core/time.h"

namespace driftguard::cli {

enum class TrafficKind {
  kBaseline,
  kDriftAmount,    // Amounts 1.6 times as large.
  kDriftCurrency,  // USD gives way to CAD and EUR.
  kSlow,           // Durations 2.5 times as long.
  kErrors,         // One in twenty fails.
};

struct TrafficOptions {
  TrafficKind kind = TrafficKind::kBaseline;
  std::uint64_t events = 0;
  std::uint64_t seed = 1;
  std::string service = "payments_api";
};

// The p-quantile of the standard normal distribution, 0 < p < 1, to nine digits (P. Acklam's
// rational approximation).
double normal_quantile(double p);

// The same events for the same options, but for their times. Not thread-safe.
class SyntheticTraffic final {
 public:
  explicit SyntheticTraffic(const TrafficOptions& options);

  // The next event, as JSON; its time is cut to milliseconds.
  std::string next(Time ts);

  // From 0 to 1, for jitter of the times.
  double uniform();

 private:
  static constexpr std::size_t kStrata = 100;
  using Order = std::array<std::uint8_t, kStrata>;

  void shuffle(Order& order);
  double stratified_normal(const Order& order);
  bool fails() const;

  const TrafficOptions options_;
  std::string service_json_;
  std::mt19937_64 random_;
  std::uint64_t index_ = 0;
  Order amounts_{};
  Order durations_{};
  Order currencies_{};
  Order hosts_{};
};

}  // namespace driftguard::cli

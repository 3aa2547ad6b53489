// SPDX-License-Identifier: Apache-2.0
// Checks in short, alike for every kind: what an overview, a heat map and a line over time show.
// Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace driftguard::report {

enum class CheckKind {
  kKs,
  kPsi,
  kSuccessRate,
  kLatency,
  kChiSquare,
  kJensenShannon,
  kWasserstein,
  kHellinger,
  kTvd,
  kCramerVonMises,
  kMissing,
  kType,
  kSchema,
};
std::string_view kind_name(CheckKind kind);  // "ks", "psi", "success_rate", "latency_p95", "tvd"...
bool compares_feature(CheckKind kind);       // Its distribution.
bool is_of_feature(CheckKind kind);  // By its name, "<feature>_<kind>"; else it is of the segment.

// Of a check: kInsufficient when there are too few samples or no baseline. Of a segment: kFail when
// a check fails; else kInsufficient when there are no events, no baseline, or too few samples for
// every comparison of features (the gate's rule, `driftguard check`).
enum class State { kOk, kFail, kInsufficient };
std::string_view state_name(State state);  // "ok", "fail", "insufficient".

inline constexpr double kSeverityMax = 1000;

struct Outline {
  std::string name;
  CheckKind kind = CheckKind::kKs;
  State state = State::kInsufficient;
  std::uint64_t n = 0;  // Live values.
  // d, psi, the success rate, p95, the distance, the statistic; the share that is missing or of
  // another type; how many changes of the schema.
  std::optional<double> value;
  // Beyond it (the success rate: below) the check fails. Of what is missing or of another type only
  // where that grew.
  std::optional<double> limit;
  std::optional<double> p_value;
  // To sort checks of all kinds by, in [0, kSeverityMax]; above 1 exactly where the check fails. A
  // rule of thumb: 1 + 10 d for a KS that fails, else d / limit; psi / limit; p95 / limit; share
  // of failures / share allowed; distance / limit; other tests: 1 + 10 effect, else limit / p;
  // the same of the schema with the largest change of a share.
  std::optional<double> severity;

  friend bool operator==(const Outline&, const Outline&) = default;
};

Outline outline_of(const std::string& name, const Check& check);

// The least d that fails with n live and m baseline values, up to rounding: where Kolmogorov's
// distribution has the tail `p_min`. Empty when a side counts nothing, or nothing can fail.
std::optional<double> ks_limit(std::uint64_t n, std::uint64_t m, double p_min);

// A segment in short.
struct SegmentOutline {
  State state = State::kInsufficient;
  std::uint64_t samples = 0;
  std::optional<double> success_rate;
  std::optional<double> p50_ms;
  std::optional<double> p95_ms;
  std::optional<double> p99_ms;
  std::vector<Outline> checks;

  friend bool operator==(const SegmentOutline&, const SegmentOutline&) = default;
};

// The state is that of the checks wanted.
SegmentOutline outline_of(const Comparison& comparison, const ReportRules& rules,
                          const CheckFilter& wanted);

// The check of the largest severity, of the first among equals; null if none has one.
const Outline* worst_of(const std::vector<Outline>& checks);
std::size_t failing(const std::vector<Outline>& checks);

}  // namespace driftguard::report

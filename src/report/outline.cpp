// SPDX-License-Identifier: Apache-2.0
#include "report/outline.h"

#include <algorithm>
#include <cmath>

namespace driftguard::report {
namespace {

// How often `part` goes into `whole`; what is not allowed at all counts as the worst.
double ratio(double part, double whole) {
  if (part <= 0) return 0;
  return whole > 0 ? std::min(part / whole, kSeverityMax) : kSeverityMax;
}

// Rounding must not put the severity on the other side of 1 than the verdict.
double judged(double severity, bool ok) {
  return ok ? std::min(severity, 1.0) : std::max(severity, std::nextafter(1.0, 2.0));
}

void describe(const KsCheck& check, Outline* outline) {
  outline->kind = CheckKind::kKs;
  outline->n = check.live.n;
  outline->value = check.d;
  outline->p_value = check.p_value;
  // One-sided, the same gap is half as likely.
  const double p_min = check.direction == Direction::kBoth ? check.p_min : 2 * check.p_min;
  outline->limit = ks_limit(check.live.n, check.baseline.n, p_min);
  if (!check.d || !outline->limit || check.insufficient_samples) return;
  // The formula is close, the verdict is exact: the line stands on the right side of the point.
  const bool within = check.ok && !check.treatment.would_fail;
  outline->limit =
      within ? std::max(*outline->limit, *check.d) : std::min(*outline->limit, *check.d);
  outline->severity =
      check.ok ? judged(ratio(*check.d, *outline->limit), true) : judged(1 + 10 * *check.d, false);
}

void describe(const PsiCheck& check, Outline* outline) {
  outline->kind = CheckKind::kPsi;
  outline->n = check.live.n;
  outline->value = check.psi;
  outline->limit = check.psi_max;
  outline->p_value = check.p_value;
  if (check.psi) outline->severity = judged(ratio(*check.psi, check.psi_max), check.ok);
}

void describe(const SuccessRateCheck& check, Outline* outline) {
  outline->kind = CheckKind::kSuccessRate;
  outline->n = check.total;
  outline->value = check.success_rate;
  outline->limit = check.min;
  if (!check.success_rate) return;
  outline->severity = judged(ratio(1 - *check.success_rate, 1 - check.min), check.ok);
}

void describe(const LatencyCheck& check, Outline* outline) {
  outline->kind = CheckKind::kLatency;
  outline->n = check.live_n;
  outline->value = check.p95;
  outline->limit = check.max;
  if (check.p95) outline->severity = judged(ratio(*check.p95, check.max), check.ok);
}

CheckKind kind_of(Measure measure) {
  switch (measure) {
    case Measure::kKs:
      return CheckKind::kKs;
    case Measure::kPsi:
      return CheckKind::kPsi;
    case Measure::kChiSquare:
      return CheckKind::kChiSquare;
    case Measure::kJensenShannon:
      return CheckKind::kJensenShannon;
    case Measure::kWasserstein:
      return CheckKind::kWasserstein;
    case Measure::kHellinger:
      return CheckKind::kHellinger;
    case Measure::kTvd:
      return CheckKind::kTvd;
    case Measure::kCramerVonMises:
      return CheckKind::kCramerVonMises;
  }
  return CheckKind::kKs;
}

void describe(const MeasureCheck& check, Outline* outline) {
  outline->kind = kind_of(check.measure);
  outline->n = check.live.n;
  outline->value = check.value;
  outline->p_value = check.p_value;
  outline->limit = limit_of(check);
  if (!is_test(check.measure)) {
    // Without a value it is beyond every limit, if there is anything to compare.
    const double severity = check.value ? ratio(*check.value, check.threshold) : kSeverityMax;
    if (check.value || !check.ok) outline->severity = judged(severity, check.ok);
    return;
  }
  if (!check.value) return;
  if (outline->limit) {
    // The formula is close, the verdict is exact: the line stands on the right side of the point.
    const bool within = check.ok && !check.treatment.would_fail;
    outline->limit =
        within ? std::max(*outline->limit, *check.value) : std::min(*outline->limit, *check.value);
  }
  const double effect = effect_of(check).value_or(0);
  outline->severity = check.ok ? judged(ratio(check.threshold, *check.p_value), true)
                               : judged(1 + 10 * effect, false);
}

void describe(const QualityCheck& check, Outline* outline) {
  outline->kind = check.kind == QualityKind::kMissing ? CheckKind::kMissing : CheckKind::kType;
  outline->n = check.live.trials;
  outline->value = check.live_share();
  outline->p_value = check.p_value;
  if (!outline->value) return;
  const double value = *outline->value;
  const double before = check.baseline_share().value_or(0);
  double effect = std::fabs(value - before);
  if (value >= before) {
    // Endpoints are judged one by one: the line stands on the right side of the point.
    const double limit = std::min(1.0, before + check.change_min);
    outline->limit = check.ok ? std::max(limit, value) : std::min(limit, value);
  }
  outline->severity = judged(ratio(effect, check.change_min), true);
  if (check.ok) return;
  for (const SchemaFinding& change : check.changes) effect = std::max(effect, change.size());
  outline->severity = judged(1 + 10 * effect, false);
}

void describe(const SchemaCheck& check, Outline* outline) {
  outline->kind = CheckKind::kSchema;
  outline->n = check.found.live_events;
  outline->value = static_cast<double>(check.changes());
  outline->limit = check.ok ? outline->value : 0;  // Muted ones do not fail.
  outline->severity = 0;
  if (check.ok) return;
  double effect = 0;
  for (const SchemaFinding& change : check.found.findings) {
    if (!change.muted) effect = std::max(effect, change.size());
  }
  outline->severity = judged(1 + 10 * effect, false);
}

template <typename AnyCheck>
State state_of(const AnyCheck& check) {
  if (!check.ok) return State::kFail;
  bool enough = !check.insufficient_samples;
  if constexpr (requires { check.insufficient_baseline; }) {
    enough = enough && !check.insufficient_baseline;
  }
  return enough ? State::kOk : State::kInsufficient;
}

State state_of(const SegmentOutline& segment, bool has_baseline) {
  if (failing(segment.checks) > 0) return State::kFail;
  if (segment.samples == 0 || !has_baseline) return State::kInsufficient;
  bool compared = false;
  for (const Outline& check : segment.checks) {
    if (!compares_feature(check.kind)) continue;
    if (check.state != State::kInsufficient) return State::kOk;
    compared = true;
  }
  return compared ? State::kInsufficient : State::kOk;
}

}  // namespace

std::string_view kind_name(CheckKind kind) {
  switch (kind) {
    case CheckKind::kKs:
      return "ks";
    case CheckKind::kPsi:
      return "psi";
    case CheckKind::kSuccessRate:
      return "success_rate";
    case CheckKind::kLatency:
      return "latency_p95";
    case CheckKind::kChiSquare:
      return measure_name(Measure::kChiSquare);
    case CheckKind::kJensenShannon:
      return measure_name(Measure::kJensenShannon);
    case CheckKind::kWasserstein:
      return measure_name(Measure::kWasserstein);
    case CheckKind::kHellinger:
      return measure_name(Measure::kHellinger);
    case CheckKind::kTvd:
      return measure_name(Measure::kTvd);
    case CheckKind::kCramerVonMises:
      return measure_name(Measure::kCramerVonMises);
    case CheckKind::kMissing:
      return "missing";
    case CheckKind::kType:
      return "type";
    case CheckKind::kSchema:
      return "schema";
  }
  return "";
}

bool compares_feature(CheckKind kind) {
  switch (kind) {
    case CheckKind::kKs:
    case CheckKind::kPsi:
    case CheckKind::kChiSquare:
    case CheckKind::kJensenShannon:
    case CheckKind::kWasserstein:
    case CheckKind::kHellinger:
    case CheckKind::kTvd:
    case CheckKind::kCramerVonMises:
      return true;
    case CheckKind::kSuccessRate:
    case CheckKind::kLatency:
    case CheckKind::kMissing:
    case CheckKind::kType:
    case CheckKind::kSchema:
      return false;
  }
  return false;
}

bool is_of_feature(CheckKind kind) {
  return compares_feature(kind) || kind == CheckKind::kMissing || kind == CheckKind::kType;
}

std::string_view state_name(State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kFail:
      return "fail";
    case State::kInsufficient:
      return "insufficient";
  }
  return "";
}

std::optional<double> ks_limit(std::uint64_t n, std::uint64_t m, double p_min) {
  if (n == 0 || m == 0 || p_min <= 0) return std::nullopt;
  const double effective = static_cast<double>(n) * static_cast<double>(m) /
                           (static_cast<double>(n) + static_cast<double>(m));
  // p = 2 exp(-2 e d^2), the first term of Kolmogorov's series; the others do not count here.
  const double squared = -std::log(std::min(p_min, 1.0) / 2) / (2 * effective);
  return std::min(std::sqrt(squared), 1.0);
}

Outline outline_of(const std::string& name, const Check& check) {
  Outline outline;
  outline.name = name;
  std::visit(
      [&](const auto& one) {
        describe(one, &outline);
        outline.state = state_of(one);
        if (outline.state == State::kInsufficient) outline.severity.reset();
      },
      check);
  return outline;
}

SegmentOutline outline_of(const Comparison& comparison, const ReportRules& rules,
                          const CheckFilter& wanted) {
  SegmentOutline segment;
  const rollup::Rollup& live = comparison.live();
  segment.samples = live.events;
  if (live.with_status() > 0) {
    segment.success_rate =
        static_cast<double>(live.successes()) / static_cast<double>(live.with_status());
  }
  if (live.latency_ms.count() > 0) {
    segment.p50_ms = live.latency_ms.quantile(stats::kP50).value;
    segment.p95_ms = live.latency_ms.quantile(stats::kP95).value;
    segment.p99_ms = live.latency_ms.quantile(stats::kP99).value;
  }
  for (const auto& [name, check] : make_checks(comparison, rules, wanted)) {
    segment.checks.push_back(outline_of(name, check));
  }
  segment.state = state_of(segment, comparison.has_baseline());
  return segment;
}

const Outline* worst_of(const std::vector<Outline>& checks) {
  const Outline* worst = nullptr;
  for (const Outline& check : checks) {
    if (check.severity && (worst == nullptr || *check.severity > *worst->severity)) worst = &check;
  }
  return worst;
}

std::size_t failing(const std::vector<Outline>& checks) {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(),
                    [](const Outline& check) { return check.state == State::kFail; }));
}

}  // namespace driftguard::report

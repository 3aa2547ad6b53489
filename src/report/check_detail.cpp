// SPDX-License-Identifier: Apache-2.0
#include "report/check_detail.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

NumericSide side_of(const NumericSummary& numbers, const Presence& presence) {
  NumericSide side{presence, {}, {}, {}, {}};
  if (numbers.count() == 0) return side;
  side.mean = numbers.mean();
  side.standard_deviation = numbers.standard_deviation();
  side.min = numbers.min();
  side.max = numbers.max();
  return side;
}

NumericPair pair_of(const NumericSummary& live, const NumericSummary& baseline,
                    const DetailOptions& options, std::optional<double> at) {
  NumericPair pair;
  pair.ecdf = ecdf_of(live, baseline, options.points, at);
  pair.histogram = histogram_of(live, baseline, options.bins);
  pair.quantiles = quantiles_of(live, baseline);
  pair.above_p99 = tail_above_p99(live, baseline);
  pair.below_p1 = tail_below_p1(live, baseline);
  return pair;
}

// Both sides of numbers; the distribution functions have a point at `at`.
NumericPair numbers_of(const FeaturePair& feature, bool has_baseline, const Presence& live_presence,
                       const Presence& baseline_presence, const DetailOptions& options,
                       std::optional<double> at) {
  const NumericSummary& live = numbers_of(feature.live);
  const NumericSummary& baseline = numbers_of(feature.baseline);
  NumericPair numbers = pair_of(live, baseline, options, at);
  numbers.live = side_of(live, live_presence);
  if (has_baseline) numbers.baseline = side_of(baseline, baseline_presence);
  return numbers;
}

KsDetail ks_detail(const FeaturePair& feature, KsCheck check, bool has_baseline,
                   const DetailOptions& options) {
  KsDetail detail;
  detail.feature = feature.name;
  detail.pointer = feature.pointer;
  detail.check = std::move(check);
  detail.numbers = numbers_of(feature, has_baseline, detail.check.live, detail.check.baseline,
                              options, detail.check.at);
  detail.gap = gap_of(detail.numbers.ecdf, detail.check.at);
  return detail;
}

// Where the distribution functions are farthest apart, whatever the measure.
std::optional<double> widest_gap(const FeaturePair& feature, bool has_baseline) {
  return check_ks(feature.live, feature.baseline, has_baseline, {}).at;
}

std::uint64_t count_of(const Counts& counts, const std::string& name) {
  const auto at = counts.find(name);
  return at == counts.end() ? 0 : at->second;
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

// Two sides of a table of counts.
struct CountedSides {
  const Counts& live;
  const Counts& baseline;
  std::uint64_t n;
  std::uint64_t m;
};

// What the shares a (live) and e of a category add to the measure.
using Contribution = std::function<double(double a, double e)>;

CategoryPair category_of(const std::string& name, const CountedSides& sides,
                         const Contribution& contribution) {
  CategoryPair category;
  category.name = name;
  category.live_n = count_of(sides.live, name);
  category.baseline_n = count_of(sides.baseline, name);
  category.live = share(category.live_n, sides.n);
  category.baseline = share(category.baseline_n, sides.m);
  if (!category.live || !category.baseline) return category;
  category.contribution = contribution(*category.live, *category.baseline);
  if (category.baseline_n == 0) category.change = CategoryPair::Change::kNew;
  if (category.live_n == 0) category.change = CategoryPair::Change::kVanished;
  return category;
}

std::vector<CategoryPair> categories_of(const CountedSides& sides,
                                        const Contribution& contribution) {
  std::set<std::string> names;
  for (const auto& [name, count] : sides.live) names.insert(name);
  for (const auto& [name, count] : sides.baseline) names.insert(name);
  std::vector<CategoryPair> categories;
  for (const std::string& name : names) {
    categories.push_back(category_of(name, sides, contribution));
  }
  std::stable_sort(categories.begin(), categories.end(), [](const auto& a, const auto& b) {
    const double left = a.contribution.value_or(0);
    const double right = b.contribution.value_or(0);
    return left != right ? left > right : a.live_n + a.baseline_n > b.live_n + b.baseline_n;
  });
  return categories;
}

std::uint64_t distinct(FeatureSide side, bool numeric) {
  return numeric ? numbers_of(side).cells().size() : texts_of(side).distinct_estimate();
}

PsiDetail psi_detail(const FeaturePair& feature, PsiCheck check, bool has_baseline,
                     const ReportRules& rules, const DetailOptions& options) {
  const bool numeric = feature.kind == FeatureKind::kNumeric;
  PsiDetail detail;
  detail.feature = feature.name;
  detail.pointer = feature.pointer;
  detail.has_baseline = has_baseline;
  detail.check = std::move(check);
  detail.live_distinct = distinct(feature.live, numeric);
  detail.baseline_distinct = distinct(feature.baseline, numeric);
  const PsiCheck& made = detail.check;
  const double floor = rules.psi.floor;
  detail.categories =
      categories_of({made.live_counts, made.baseline_counts, made.live.n, made.baseline.n},
                    [floor](double a, double e) {
                      return (std::max(a, floor) - std::max(e, floor)) *
                             std::log(std::max(a, floor) / std::max(e, floor));
                    });
  if (!numeric) return detail;
  const std::optional<double> at = widest_gap(feature, has_baseline);
  detail.gap = gap_of(
      ecdf_of(numbers_of(feature.live), numbers_of(feature.baseline), options.points, at), at);
  return detail;
}

MeasureDetail measure_detail(const FeaturePair& feature, MeasureCheck check, bool has_baseline,
                             const DetailOptions& options) {
  MeasureDetail detail;
  detail.feature = feature.name;
  detail.pointer = feature.pointer;
  detail.has_baseline = has_baseline;
  detail.check = std::move(check);
  const MeasureCheck& made = detail.check;
  detail.live_distinct = distinct(feature.live, made.numeric);
  detail.baseline_distinct = distinct(feature.baseline, made.numeric);
  if (made.table) {
    detail.categories = categories_of(
        {made.table->live_counts, made.table->baseline_counts, made.live.n, made.baseline.n},
        [](double a, double e) { return std::fabs(a - e) / 2; });
  }
  if (!made.numeric) return detail;
  const std::optional<double> at = widest_gap(feature, has_baseline);
  detail.numbers = numbers_of(feature, has_baseline, made.live, made.baseline, options, at);
  detail.gap = gap_of(detail.numbers->ecdf, at);
  return detail;
}

// The detail of the check that a report makes of a feature.
Detail feature_detail(const FeaturePair& feature, bool has_baseline, const ReportRules& rules,
                      const DetailOptions& options) {
  Check check = check_feature(feature, has_baseline, rules);
  if (auto* ks = std::get_if<KsCheck>(&check)) {
    return ks_detail(feature, std::move(*ks), has_baseline, options);
  }
  if (auto* psi = std::get_if<PsiCheck>(&check)) {
    return psi_detail(feature, std::move(*psi), has_baseline, rules, options);
  }
  return measure_detail(feature, std::get<MeasureCheck>(std::move(check)), has_baseline, options);
}

SuccessRateDetail success_detail(const Comparison& comparison, const ReportRules& rules) {
  SuccessRateDetail detail;
  detail.check = check_success_rate(comparison.live(), rules.slo.success_rate_min);
  detail.live = comparison.live().statuses;
  if (comparison.has_baseline()) {
    const rollup::Rollup& baseline = comparison.baseline();
    detail.baseline = baseline.statuses;
    detail.baseline_rate = share(baseline.successes(), baseline.with_status());
  }
  return detail;
}

LatencyDetail latency_detail(const Comparison& comparison, const ReportRules& rules,
                             const DetailOptions& options) {
  const auto side = [](const rollup::Rollup& rollup) {
    const std::uint64_t n = rollup.latency_ms.count();
    return side_of(rollup.latency_ms, {n, rollup.events - n, 0});
  };
  const rollup::Rollup& live = comparison.live();
  const rollup::Rollup& baseline = comparison.baseline();
  LatencyDetail detail;
  detail.check = check_latency(live, rules.slo.latency_p95_max);
  detail.numbers = pair_of(live.latency_ms, baseline.latency_ms, options, std::nullopt);
  detail.numbers.live = side(live);
  if (comparison.has_baseline()) detail.numbers.baseline = side(baseline);
  detail.live_above_max = share_above(live.latency_ms, detail.check.max);
  detail.baseline_above_max = share_above(baseline.latency_ms, detail.check.max);
  return detail;
}

// The detail of a check of the shape of events, whether or not a report shows it.
std::optional<Detail> schema_detail(const Comparison& comparison, const std::string& name,
                                    const SchemaRules& rules) {
  if (!comparison.has_baseline()) return std::nullopt;
  if (name == kSchemaName) {
    return SchemaDetail{check_schema(analyse_schema(comparison, rules), rules)};
  }
  for (const FeaturePair& feature : comparison.features()) {
    if (!name.starts_with(feature.name) || feature.baseline.rollup == nullptr) continue;
    for (const QualityKind kind : {QualityKind::kMissing, QualityKind::kType}) {
      if (quality_name(feature, kind) != name) continue;
      return QualityDetail{
          feature.name, feature.pointer,
          check_quality(comparison, feature, kind, analyse_schema(comparison, rules), rules)};
    }
  }
  return std::nullopt;
}

Error unknown_check(const Comparison& comparison, const std::string& name) {
  constexpr std::size_t kNamedMax = 50;
  std::string names;
  for (std::size_t i = 0; i < std::min(comparison.features().size(), kNamedMax); ++i) {
    names += check_name(comparison.features()[i]) + ", ";
  }
  if (comparison.features().size() > kNamedMax) {
    names += fmt::format("{} more, ", comparison.features().size() - kNamedMax);
  }
  return {ErrorCode::kNotFound,
          fmt::format("no check {} here; there are: {}{}, {}{}", name, names, kSuccessRateName,
                      kLatencyName, comparison.has_baseline() ? ", schema" : "")};
}

}  // namespace

Result<Detail> detail_of(const Comparison& comparison, const std::string& name,
                         const ReportRules& rules, const DetailOptions& options) {
  if (name == kSuccessRateName) return Detail(success_detail(comparison, rules));
  if (name == kLatencyName) return Detail(latency_detail(comparison, rules, options));
  for (const FeaturePair& feature : comparison.features()) {
    if (check_name(feature) != name) continue;
    return feature_detail(feature, comparison.has_baseline(), rules, options);
  }
  if (std::optional<Detail> schema = schema_detail(comparison, name, rules.schema)) {
    return std::move(*schema);
  }
  return unknown_check(comparison, name);
}

Check check_of(const Detail& detail) {
  return std::visit([](const auto& one) -> Check { return one.check; }, detail);
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
#include "report/check_detail.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace driftguard::report {
namespace {

using sketch::NumericSummary;

const NumericSummary& numbers_of(const FeatureSide& side) {
  static const NumericSummary kNone;
  return side.rollup == nullptr ? kNone : side.rollup->numbers;
}

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

KsDetail ks_detail(const FeaturePair& feature, bool has_baseline, const ReportRules& rules,
                   const DetailOptions& options) {
  const NumericSummary& live = numbers_of(feature.live);
  const NumericSummary& baseline = numbers_of(feature.baseline);
  KsDetail detail;
  detail.feature = feature.name;
  detail.pointer = feature.pointer;
  detail.check = check_ks(feature.live, feature.baseline, has_baseline, rules.ks);
  detail.numbers = pair_of(live, baseline, options, detail.check.at);
  detail.numbers.live = side_of(live, detail.check.live);
  if (has_baseline) detail.numbers.baseline = side_of(baseline, detail.check.baseline);
  detail.gap = gap_of(detail.numbers.ecdf, detail.check.at);
  return detail;
}

std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts,
                       const std::string& name) {
  const auto at = counts.find(name);
  return at == counts.end() ? 0 : at->second;
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

CategoryPair category_of(const std::string& name, const PsiCheck& check, double floor) {
  CategoryPair category;
  category.name = name;
  category.live_n = count_of(check.live_counts, name);
  category.baseline_n = count_of(check.baseline_counts, name);
  category.live = share(category.live_n, check.live.n);
  category.baseline = share(category.baseline_n, check.baseline.n);
  if (!category.live || !category.baseline) return category;
  const double a = std::max(*category.live, floor);
  const double e = std::max(*category.baseline, floor);
  category.contribution = (a - e) * std::log(a / e);
  if (category.baseline_n == 0) category.change = CategoryPair::Change::kNew;
  if (category.live_n == 0) category.change = CategoryPair::Change::kVanished;
  return category;
}

std::vector<CategoryPair> categories_of(const PsiCheck& check, double floor) {
  std::set<std::string> names;
  for (const auto& [name, count] : check.live_counts) names.insert(name);
  for (const auto& [name, count] : check.baseline_counts) names.insert(name);
  std::vector<CategoryPair> categories;
  for (const std::string& name : names) categories.push_back(category_of(name, check, floor));
  std::stable_sort(categories.begin(), categories.end(), [](const auto& a, const auto& b) {
    const double left = a.contribution.value_or(0);
    const double right = b.contribution.value_or(0);
    return left != right ? left > right : a.live_n + a.baseline_n > b.live_n + b.baseline_n;
  });
  return categories;
}

PsiDetail psi_detail(const FeaturePair& feature, bool has_baseline, const ReportRules& rules) {
  PsiDetail detail;
  detail.feature = feature.name;
  detail.pointer = feature.pointer;
  detail.has_baseline = has_baseline;
  detail.check = check_psi(feature.live, feature.baseline, has_baseline, rules.psi);
  if (feature.live.rollup != nullptr) {
    detail.live_distinct = feature.live.rollup->texts.distinct_estimate();
  }
  if (feature.baseline.rollup != nullptr) {
    detail.baseline_distinct = feature.baseline.rollup->texts.distinct_estimate();
  }
  detail.categories = categories_of(detail.check, rules.psi.floor);
  return detail;
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

Error unknown_check(const Comparison& comparison, const std::string& name) {
  constexpr std::size_t kNamedMax = 50;
  std::string names;
  for (std::size_t i = 0; i < std::min(comparison.features().size(), kNamedMax); ++i) {
    names += check_name(comparison.features()[i]) + ", ";
  }
  if (comparison.features().size() > kNamedMax) {
    names += fmt::format("{} more, ", comparison.features().size() - kNamedMax);
  }
  return {ErrorCode::kNotFound, fmt::format("no check {} here; there are: {}{}, {}", name, names,
                                            kSuccessRateName, kLatencyName)};
}

}  // namespace

Result<Detail> detail_of(const Comparison& comparison, const std::string& name,
                         const ReportRules& rules, const DetailOptions& options) {
  if (name == kSuccessRateName) return Detail(success_detail(comparison, rules));
  if (name == kLatencyName) return Detail(latency_detail(comparison, rules, options));
  for (const FeaturePair& feature : comparison.features()) {
    if (check_name(feature) != name) continue;
    if (feature.kind == FeatureKind::kNumeric) {
      return Detail(ks_detail(feature, comparison.has_baseline(), rules, options));
    }
    return Detail(psi_detail(feature, comparison.has_baseline(), rules));
  }
  return unknown_check(comparison, name);
}

Check check_of(const Detail& detail) {
  return std::visit([](const auto& one) -> Check { return one.check; }, detail);
}

}  // namespace driftguard::report

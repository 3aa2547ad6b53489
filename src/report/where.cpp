// SPDX-License-Identifier: Apache-2.0
#include "report/where.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace driftguard::report {
namespace {

using What = DriftPlace::What;
using Kind = WhereDimension::Kind;
using stats::Proportion;

double share_of(const Proportion& part) {
  return part.trials == 0 ? 0
                          : static_cast<double>(part.successes) / static_cast<double>(part.trials);
}

const FeaturePair* feature_at(const Comparison& comparison, const std::string& pointer) {
  for (const FeaturePair& feature : comparison.features()) {
    if (feature.pointer == pointer) return &feature;
  }
  return nullptr;
}

std::optional<DriftPlace> place_of_numbers(const Comparison& comparison, const std::string& feature,
                                           const std::string& pointer) {
  const FeaturePair* pair = feature_at(comparison, pointer);
  if (pair == nullptr) return std::nullopt;
  DriftPlace place;
  place.what = What::kNumbers;
  place.subject = feature;
  place.pointer = pointer;
  place.numeric = true;
  for (const GainedRange& gained :
       gained_ranges(numbers_of(pair->live), numbers_of(pair->baseline))) {
    place.ranges.push_back(gained.range);
  }
  if (place.ranges.empty()) return std::nullopt;
  return place;
}

// Whether the share grew by more than twice what chance makes of it.
bool grew(const CategoryPair& category, double n, double m) {
  if (!category.live || !category.baseline) return false;
  const double share = (*category.live * n + *category.baseline * m) / (n + m);
  const double deviation = std::sqrt(share * (1 - share) * (1 / n + 1 / m));
  return *category.live - *category.baseline > 2 * deviation;
}

template <typename SharesDetail>
std::optional<DriftPlace> place_of_categories(const SharesDetail& detail) {
  DriftPlace place;
  place.what = What::kCategories;
  place.subject = detail.feature;
  place.pointer = detail.pointer;
  const auto n = static_cast<double>(detail.check.live.n);
  const auto m = static_cast<double>(detail.check.baseline.n);
  for (const CategoryPair& category : detail.categories) {
    if (category.name != kOtherCategory && grew(category, n, m)) {
      place.categories.insert(category.name);
    }
  }
  if (place.categories.empty()) return std::nullopt;
  return place;
}

struct PlaceOf {
  const Comparison& comparison;

  std::optional<DriftPlace> operator()(const KsDetail& detail) const {
    return place_of_numbers(comparison, detail.feature, detail.pointer);
  }
  std::optional<DriftPlace> operator()(const PsiDetail& detail) const {
    if (detail.check.edges.empty()) return place_of_categories(detail);
    return place_of_numbers(comparison, detail.feature, detail.pointer);
  }
  std::optional<DriftPlace> operator()(const MeasureDetail& detail) const {
    if (!detail.check.numeric) return place_of_categories(detail);
    return place_of_numbers(comparison, detail.feature, detail.pointer);
  }
  std::optional<DriftPlace> operator()(const SuccessRateDetail& detail) const {
    if (!detail.check.success_rate) return std::nullopt;
    DriftPlace place;
    place.what = What::kStatus;
    place.subject = "status";
    place.pointer = "/response/status";
    if (detail.baseline_rate) {
      if (*detail.check.success_rate == *detail.baseline_rate) return std::nullopt;
      place.outside = *detail.check.success_rate > *detail.baseline_rate;
    } else {
      if (*detail.check.success_rate >= detail.check.min) return std::nullopt;
      place.allowed = 1 - detail.check.min;
    }
    return place;
  }
  std::optional<DriftPlace> operator()(const LatencyDetail& detail) const {
    DriftPlace place;
    place.what = What::kDuration;
    place.subject = "duration_ms";
    place.pointer = "/response/duration_ms";
    const sketch::NumericSummary& before = comparison.baseline().latency_ms;
    for (const GainedRange& gained : gained_ranges(comparison.live().latency_ms, before)) {
      place.ranges.push_back(gained.range);
    }
    if (before.count() == 0 && detail.live_above_max.value_or(0) > 0) {
      constexpr double kSlowAllowed = 0.05;  // Of a 95th percentile.
      place.ranges.push_back({std::nextafter(detail.check.max, HUGE_VAL), std::nullopt});
      place.allowed = kSlowAllowed;
    }
    if (place.ranges.empty()) return std::nullopt;
    return place;
  }
  std::optional<DriftPlace> operator()(const QualityDetail& detail) const {
    const auto live = detail.check.live_share();
    const auto baseline = detail.check.baseline_share();
    if (!live || !baseline || *live == *baseline) return std::nullopt;
    const FeaturePair* pair = feature_at(comparison, detail.pointer);
    DriftPlace place;
    place.what = detail.check.kind == QualityKind::kMissing ? What::kMissing : What::kType;
    place.subject = detail.feature;
    place.pointer = detail.pointer;
    place.numeric = pair != nullptr && pair->kind == FeatureKind::kNumeric;
    place.outside = *live < *baseline;
    return place;
  }
  std::optional<DriftPlace> operator()(const SchemaDetail&) const { return std::nullopt; }
};

Proportion in_categories(const sketch::CategoryCounts& texts, const DriftPlace& place) {
  Proportion counted{0, texts.count()};
  for (const sketch::Category& category : texts.categories()) {
    if (place.categories.contains(category.name)) counted.successes += category.count;
  }
  return counted;
}

Proportion count_inside(const rollup::Rollup& rollup, const DriftPlace& place, bool could) {
  static const rollup::FeatureRollup kNone;
  const auto at = rollup.features.find(place.pointer);
  const rollup::FeatureRollup& field = at == rollup.features.end() ? kNone : at->second;
  switch (place.what) {
    case What::kNumbers:
      return {count_in(field.numbers, place.ranges), field.numbers.count()};
    case What::kCategories:
      return in_categories(field.texts, place);
    case What::kDuration:
      return {count_in(rollup.latency_ms, place.ranges), rollup.latency_ms.count()};
    case What::kStatus:
      return {rollup.with_status() - rollup.successes(), rollup.with_status()};
    case What::kMissing:
      if (!could) return {0, 0};
      return {rollup.events - std::min(rollup.events, field.present()), rollup.events};
    case What::kType:
      break;
  }
  const std::uint64_t right = place.numeric ? field.numbers.count() : field.texts.count();
  return {field.present() - right, field.present()};
}

WhereDimension dimension_of_ranges(const sketch::NumericSummary& live,
                                   const sketch::NumericSummary& baseline) {
  const std::vector<GainedRange> gained = gained_ranges(live, baseline);
  double total = 0;
  for (const GainedRange& one : gained) total += one.gain();
  WhereDimension dimension;
  dimension.kind = Kind::kRange;
  for (const GainedRange& one : gained) {
    dimension.segments.push_back(
        {text_of(one.range), one.range, one.gain() / total, one.live, one.baseline});
  }
  return dimension;
}

WhereDimension dimension_of_categories(const std::vector<CategoryPair>& categories) {
  double total = 0;
  for (const CategoryPair& one : categories) total += one.contribution.value_or(0);
  WhereDimension dimension;
  dimension.kind = Kind::kCategory;
  if (total <= 0) return dimension;
  for (const CategoryPair& one : categories) {
    dimension.segments.push_back({one.name,
                                  {},
                                  one.contribution.value_or(0) / total,
                                  one.live.value_or(0),
                                  one.baseline.value_or(0)});
  }
  return dimension;
}

WhereDimension dimension_of_statuses(const SuccessRateDetail& detail) {
  WhereDimension dimension;
  dimension.kind = Kind::kStatus;
  std::uint64_t before = 0;
  if (detail.baseline) {
    for (const std::uint64_t n : *detail.baseline) before += n;
  }
  double total = 0;
  for (std::size_t i = 0; i < detail.live.size(); ++i) {
    if (i == 1) continue;  // 2xx.
    WhereSegment segment;
    segment.name = fmt::format("{}xx", i + 1);
    segment.live = share_of({detail.live[i], detail.check.total});
    segment.baseline = detail.baseline ? share_of({(*detail.baseline)[i], before}) : 0;
    segment.share = segment.live - segment.baseline;
    total += segment.share;
    dimension.segments.push_back(std::move(segment));
  }
  for (WhereSegment& segment : dimension.segments) segment.share /= total > 0 ? total : 1;
  if (total <= 0) dimension.segments.clear();
  return dimension;
}

std::string percent(double share) {
  return share < 0.995 ? fmt::format("{:.2g} %", share * 100) : "100 %";
}

}  // namespace

std::string DriftPlace::text() const {
  std::vector<std::string> parts;
  switch (what) {
    case What::kNumbers:
    case What::kDuration:
      for (const ValueRange& range : ranges) parts.push_back(text_of(range));
      break;
    case What::kCategories:
      parts.assign(categories.begin(), categories.end());
      break;
    case What::kStatus:
      return outside ? "status 2xx" : "a status outside 2xx";
    case What::kMissing:
      return outside ? subject + " present" : subject + " missing";
    case What::kType:
      return subject + (outside ? " of its own type" : " of another type");
  }
  constexpr std::size_t kPartsMax = 3;
  if (parts.size() > kPartsMax) {
    parts.resize(kPartsMax);
    parts.emplace_back("...");
  }
  return fmt::format("{} {}", subject, fmt::join(parts, " or "));
}

std::optional<DriftPlace> place_of(const Comparison& comparison, const Detail& detail) {
  return std::visit(PlaceOf{comparison}, detail);
}

Proportion count_in(const rollup::Rollup& rollup, const DriftPlace& place, bool could) {
  Proportion counted = count_inside(rollup, place, could);
  if (place.outside) counted.successes = counted.trials - counted.successes;
  return counted;
}

std::optional<WhereDimension> dimension_of_values(const Comparison& comparison,
                                                  const Detail& detail) {
  std::optional<WhereDimension> made;
  const auto ranges = [&](const std::string& pointer) {
    const FeaturePair* pair = feature_at(comparison, pointer);
    if (pair != nullptr) {
      made = dimension_of_ranges(numbers_of(pair->live), numbers_of(pair->baseline));
    }
  };
  if (const auto* ks = std::get_if<KsDetail>(&detail)) {
    ranges(ks->pointer);
  } else if (const auto* psi = std::get_if<PsiDetail>(&detail)) {
    if (psi->check.edges.empty()) {
      made = dimension_of_categories(psi->categories);
    } else {
      ranges(psi->pointer);
    }
  } else if (const auto* measure = std::get_if<MeasureDetail>(&detail)) {
    if (measure->check.numeric) {
      ranges(measure->pointer);
    } else {
      made = dimension_of_categories(measure->categories);
    }
  } else if (const auto* statuses = std::get_if<SuccessRateDetail>(&detail)) {
    made = dimension_of_statuses(*statuses);
  } else if (std::holds_alternative<LatencyDetail>(detail)) {
    made = dimension_of_ranges(comparison.live().latency_ms, comparison.baseline().latency_ms);
  }
  if (!made || made->segments.empty()) return std::nullopt;
  return ranked(std::move(*made));
}

std::vector<WhereSegment> shared_out(const std::vector<std::pair<std::string, Tally>>& segments,
                                     const DriftPlace& place) {
  double n = 0;
  double m = 0;
  for (const auto& [name, tally] : segments) {
    n += tally.live.of;
    m += tally.baseline.of;
  }
  std::vector<WhereSegment> shared;
  if (n <= 0 || (m <= 0 && !place.allowed)) return shared;
  double total = 0;
  for (const auto& [name, tally] : segments) {
    WhereSegment segment;
    segment.name = name;
    segment.live = tally.live.of / n;
    segment.baseline = m > 0 ? tally.baseline.of / m : 0;
    const double expected = m > 0 ? tally.baseline.in / m : segment.live * *place.allowed;
    segment.share = tally.live.in / n - expected;
    total += segment.share;
    shared.push_back(std::move(segment));
  }
  if (total <= 0) return {};
  for (WhereSegment& segment : shared) segment.share /= total;
  return shared;
}

const char* source_name(WhereSource source) {
  switch (source) {
    case WhereSource::kRollups:
      return "rollups";
    case WhereSource::kSample:
      return "sample";
    case WhereSource::kEvents:
      break;
  }
  return "events";
}

WhereDimension ranked(WhereDimension dimension) {
  auto& segments = dimension.segments;
  std::erase_if(segments, [](const auto& segment) { return segment.share < kSegmentShareMin; });
  std::stable_sort(segments.begin(), segments.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  if (segments.size() > kSegmentsMax) {
    dimension.omitted = segments.size() - kSegmentsMax;
    segments.resize(kSegmentsMax);
  }
  return dimension;
}

std::string WhereDimension::name() const {
  switch (kind) {
    case Kind::kRange:
      return "range";
    case Kind::kCategory:
      return "category";
    case Kind::kStatus:
      return "status";
    case Kind::kEndpoint:
      return "endpoint";
    case Kind::kField:
      return "field";
    case Kind::kHost:
      return "host";
    case Kind::kFeature:
      break;
  }
  return feature;
}

std::string sentence_of(const Where& where) {
  if (!where.place) {
    if (where.conditions.empty()) return "Nothing stands out";
    return fmt::format("{} of the changes are at {} {}", percent(where.share.value_or(0)),
                       where.conditions[0].dimension, where.conditions[0].value);
  }
  std::vector<std::string> parts;
  for (const WhereCondition& condition : where.conditions) {
    parts.push_back(condition.dimension == "value" ? condition.value
                                                   : condition.dimension + ' ' + condition.value);
  }
  if (!where.share || parts.empty()) return "The shift is spread over " + where.place->text();
  return fmt::format("{} of the shift comes from {}", percent(*where.share),
                     fmt::join(parts, ", "));
}

}  // namespace driftguard::report

// SPDX-License-Identifier: Apache-2.0
// What one check of a report rests on. Pure functions; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "report/distribution.h"
#include "report/outline.h"
#include "report/report.h"

namespace driftguard::report {

// Numbers of one side.
struct NumericSide {
  Presence presence;
  std::optional<double> mean;
  std::optional<double> standard_deviation;
  std::optional<double> min;
  std::optional<double> max;
};

// Two samples of numbers, as charts and sentences need them.
struct NumericPair {
  NumericSide live;
  std::optional<NumericSide> baseline;  // Empty: there is no baseline.
  Ecdf ecdf;
  std::optional<Histogram> histogram;
  std::vector<QuantilePair> quantiles;
  std::optional<Tail> above_p99;
  std::optional<Tail> below_p1;
};

struct KsDetail {
  std::string feature;
  std::string pointer;
  KsCheck check;
  std::optional<Gap> gap;
  NumericPair numbers;
};

// A category, both sides.
struct CategoryPair {
  enum class Change { kNone, kNew, kVanished };

  std::string name;
  std::uint64_t live_n = 0;
  std::uint64_t baseline_n = 0;
  std::optional<double> live;  // Shares.
  std::optional<double> baseline;
  // Its term of PSI, as the check has it; of the total variation for other measures.
  std::optional<double> contribution;
  Change change = Change::kNone;
};

struct PsiDetail {
  std::string feature;
  std::string pointer;
  PsiCheck check;
  std::optional<Gap> gap;           // Of numbers.
  std::uint64_t live_distinct = 0;  // About; exact up to the counts' capacity.
  std::uint64_t baseline_distinct = 0;
  bool has_baseline = false;
  std::vector<CategoryPair> categories;  // The largest contributions first, then the most frequent.
};

// By another measure: of numbers as of KS, of categories as of PSI.
struct MeasureDetail {
  std::string feature;
  std::string pointer;
  MeasureCheck check;
  std::optional<Gap> gap;              // Of numbers.
  std::optional<NumericPair> numbers;  // Likewise.
  std::uint64_t live_distinct = 0;     // As PsiDetail, these three.
  std::uint64_t baseline_distinct = 0;
  bool has_baseline = false;
  std::vector<CategoryPair> categories;  // By how much their shares differ.
};

using Statuses = std::array<std::uint64_t, 5>;  // By class, as in a rollup.

struct SuccessRateDetail {
  SuccessRateCheck check;
  Statuses live{};
  std::optional<Statuses> baseline;
  std::optional<double> baseline_rate;
};

struct LatencyDetail {
  LatencyCheck check;
  std::optional<double> live_above_max;  // Shares of durations above the target.
  std::optional<double> baseline_above_max;
  NumericPair numbers;
};

// What is missing of a feature, or of another type.
struct QualityDetail {
  std::string feature;
  std::string pointer;
  QualityCheck check;
};

struct SchemaDetail {
  SchemaCheck check;
};

using Detail = std::variant<KsDetail, PsiDetail, SuccessRateDetail, LatencyDetail, MeasureDetail,
                            QualityDetail, SchemaDetail>;

struct DetailOptions {
  std::size_t points = 200;  // Of the distribution functions.
  std::size_t bins = 40;     // Of the histogram.
};

// kNotFound: the comparison has no check of this name; the error tells which there are.
Result<Detail> detail_of(const Comparison& comparison, const std::string& name,
                         const ReportRules& rules, const DetailOptions& options);

// The check of a detail, as a report has it.
Check check_of(const Detail& detail);

// What changed, in one plain sentence without a full stop: "amount: median 101 -> 148; 13 % of
// values above the baseline's 99th percentile". Names of features and categories stand in it as
// they are.
std::string summary_of(const Detail& detail);

// A detail with whom it is about.
struct CheckDetail {
  Time generated_at;
  int window_minutes = 0;
  TimeRange covers;
  window::Segment segment;
  std::uint64_t samples = 0;
  std::optional<BaselineRef> baseline;
  std::string name;
  Detail detail;
};

inline constexpr std::size_t kCategoriesShownMax = 100;
std::string to_json(const CheckDetail& detail);

}  // namespace driftguard::report

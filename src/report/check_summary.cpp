// SPDX-License-Identifier: Apache-2.0
// The plain sentence of a check.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/check_detail.h"

namespace driftguard::report {
namespace {

// A tail is worth a word when it holds this many times what it should.
constexpr double kNotableTail = 0.03;
// And a change of a share when it is larger than this.
constexpr double kNotableShare = 0.01;
constexpr std::size_t kCategoriesNamedMax = 3;

// As people write it: four digits that mean something, whole numbers whole.
std::string figure(double value) {
  const double size = std::fabs(value);
  if (size >= 1000 && size < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string figure(const std::optional<double>& value) { return value ? figure(*value) : "none"; }

std::string percent(double share, int digits = 2) {
  if (share > 0 && share < 0.0005) return "less than 0.1 %";
  // Two digits are enough, but 99.62 is not 100.
  if (share > 0.995 && share < 1) digits = std::max(digits, 4);
  return fmt::format("{:.{}g} %", share * 100, share >= 0.1 ? std::max(digits, 3) : digits);
}

std::string tail_percent(double share) {
  return share >= 0.1 ? fmt::format("{:.0f} %", share * 100) : percent(share);
}

// A name no longer than a sentence bears; cut between characters, not within one.
std::string shortened(const std::string& name) {
  constexpr std::size_t kBytesMax = 60;
  if (name.size() <= kBytesMax) return name;
  std::size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "...";
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, "; "));
}

// What of a feature is missing or of another kind, if that changed notably.
void add_presence(const Presence& live, const Presence& baseline, std::vector<std::string>* parts) {
  const auto add = [&](std::uint64_t mine, std::uint64_t theirs, const char* what) {
    const std::uint64_t live_all = live.n + live.missing + live.mismatched;
    const std::uint64_t baseline_all = baseline.n + baseline.missing + baseline.mismatched;
    if (live_all == 0 || baseline_all == 0) return;
    const double now = static_cast<double>(mine) / static_cast<double>(live_all);
    const double before = static_cast<double>(theirs) / static_cast<double>(baseline_all);
    if (std::fabs(now - before) < kNotableShare) return;
    parts->push_back(fmt::format("{} {} -> {}", what, percent(before), percent(now)));
  };
  add(live.missing, baseline.missing, "missing");
  add(live.mismatched, baseline.mismatched, "of another kind");
}

// Why there is no verdict; empty if there is one.
template <typename FeatureCheck>
std::string reason_unjudged(const FeatureCheck& check) {
  if (check.insufficient_baseline) return "no baseline to compare with";
  if (check.live.n == 0) return "no values in this window";
  if (!check.insufficient_samples) return {};
  return fmt::format("too few values to judge by: {} live, {} in the baseline", check.live.n,
                     check.baseline.n);
}

const QuantilePair& quantile(const NumericPair& numbers, stats::Fraction p) {
  return *std::find_if(numbers.quantiles.begin(), numbers.quantiles.end(), [&](const auto& pair) {
    return pair.p.numerator == p.numerator && pair.p.denominator == p.denominator;
  });
}

std::string median_part(const NumericPair& numbers) {
  const QuantilePair& median = quantile(numbers, stats::kP50);
  if (!median.baseline) return "median " + figure(median.live);
  if (!median.live) return "the baseline's median is " + figure(median.baseline);
  if (*median.live != *median.baseline) {
    return fmt::format("median {} -> {}", figure(median.baseline), figure(median.live));
  }
  const QuantilePair& lower = quantile(numbers, {1, 4});
  const QuantilePair& upper = quantile(numbers, {3, 4});
  return fmt::format("median {} as before, middle half {} to {} -> {} to {}", figure(median.live),
                     figure(lower.baseline), figure(upper.baseline), figure(lower.live),
                     figure(upper.live));
}

// Without a verdict, why; with one that is good, that.
template <typename FeatureCheck>
std::vector<std::string> opening(const FeatureCheck& check, const char* good) {
  const std::string unjudged = reason_unjudged(check);
  if (!unjudged.empty()) return {unjudged};
  if (check.treatment.would_fail) return {"muted"};
  return check.ok ? std::vector<std::string>{good} : std::vector<std::string>{};
}

template <typename FeatureCheck>
bool drifted(const FeatureCheck& check) {
  return !check.ok || check.treatment.would_fail;
}

// A feature of numbers, whatever its measure.
template <typename NumericDetail>
std::string numeric_sentence(const NumericDetail& detail, const NumericPair& numbers) {
  std::vector<std::string> parts = opening(detail.check, "no significant change");
  parts.push_back(median_part(numbers));
  if (drifted(detail.check)) {
    const auto add_tail = [&](const std::optional<Tail>& tail, const char* where) {
      if (!tail || !tail->live || *tail->live < kNotableTail || *tail->live <= tail->baseline)
        return;
      parts.push_back(fmt::format("{} of values {} percentile", tail_percent(*tail->live), where));
    };
    add_tail(numbers.above_p99, "above the baseline's 99th");
    add_tail(numbers.below_p1, "below the baseline's 1st");
  }
  add_presence(detail.check.live, detail.check.baseline, &parts);
  return shortened(detail.feature) + ": " + joined(parts);
}

std::string sentence(const KsDetail& detail) { return numeric_sentence(detail, detail.numbers); }

// "new: XYZ (3 %)"; empty without any.
std::string named(const std::vector<CategoryPair>& categories, CategoryPair::Change change,
                  const char* what) {
  std::vector<std::string> names;
  std::size_t more = 0;
  for (const CategoryPair& category : categories) {
    if (category.change != change) continue;
    if (names.size() == kCategoriesNamedMax) {
      ++more;
      continue;
    }
    const double share =
        (change == CategoryPair::Change::kNew ? category.live : category.baseline).value_or(0);
    names.push_back(fmt::format("{} ({})", shortened(category.name), percent(share)));
  }
  if (names.empty()) return {};
  if (more > 0) names.push_back(fmt::format("{} more", more));
  return fmt::format("{}: {}", what, fmt::join(names, ", "));
}

std::string moved(const std::vector<CategoryPair>& categories) {
  std::vector<std::string> names;
  for (const CategoryPair& category : categories) {
    if (category.change != CategoryPair::Change::kNone || !category.live || !category.baseline) {
      continue;
    }
    if (names.size() == kCategoriesNamedMax) break;
    if (std::fabs(*category.live - *category.baseline) < kNotableShare) continue;
    names.push_back(fmt::format("{} {} -> {}", shortened(category.name),
                                percent(*category.baseline), percent(*category.live)));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// A feature of categories, or of numbers in bins, whatever its measure.
template <typename SharesDetail>
std::string shares_sentence(const SharesDetail& detail) {
  using Change = CategoryPair::Change;
  std::vector<std::string> parts = opening(detail.check, "no notable change");
  if (reason_unjudged(detail.check).empty()) {
    for (const std::string& part :
         {moved(detail.categories), named(detail.categories, Change::kNew, "new"),
          named(detail.categories, Change::kVanished, "vanished")}) {
      if (!part.empty()) parts.push_back(part);
    }
  }
  add_presence(detail.check.live, detail.check.baseline, &parts);
  return shortened(detail.feature) + ": " + joined(parts);
}

std::string sentence(const PsiDetail& detail) { return shares_sentence(detail); }

std::string sentence(const MeasureDetail& detail) {
  return detail.numbers ? numeric_sentence(detail, *detail.numbers) : shares_sentence(detail);
}

std::string sentence(const SuccessRateDetail& detail) {
  const auto& rate = detail.check.success_rate;
  if (!rate) return "no answers with a status in this window";
  std::vector<std::string> parts = {
      fmt::format("success rate {}, target {}", percent(*rate, 4), percent(detail.check.min, 4))};
  if (detail.baseline_rate) parts.push_back("baseline " + percent(*detail.baseline_rate, 4));
  for (std::size_t i = 2; i < detail.live.size(); ++i) {
    if (detail.live[i] == 0) continue;
    const double share =
        static_cast<double>(detail.live[i]) / static_cast<double>(detail.check.total);
    parts.push_back(fmt::format("{}xx {}", i + 1, percent(share)));
  }
  return joined(parts);
}

std::string sentence(const LatencyDetail& detail) {
  if (!detail.check.p95) return "no durations in this window";
  const QuantilePair& median = quantile(detail.numbers, stats::kP50);
  const QuantilePair& p95 = quantile(detail.numbers, stats::kP95);
  std::vector<std::string> parts = {
      fmt::format("p95 {} ms, target {} ms", figure(detail.check.p95), figure(detail.check.max))};
  if (p95.baseline) parts.push_back(fmt::format("baseline p95 {} ms", figure(p95.baseline)));
  parts.push_back(median.baseline ? fmt::format("median {} -> {} ms", figure(median.baseline),
                                                figure(median.live))
                                  : fmt::format("median {} ms", figure(median.live)));
  if (detail.live_above_max.value_or(0) > 0) {
    parts.push_back(percent(*detail.live_above_max) + " of calls slower than the target");
  }
  return joined(parts);
}

std::string plural(std::uint64_t n, const char* one) {
  return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
}

// The first changes, and how many more.
std::string told(const std::vector<SchemaFinding>& changes, std::uint64_t all) {
  constexpr std::size_t kToldMax = 3;
  std::vector<std::string> parts;
  for (const SchemaFinding& change : changes) {
    if (change.within || parts.size() == kToldMax) break;
    parts.push_back(text_of(change));
  }
  if (all > parts.size()) parts.push_back(fmt::format("{} more", all - parts.size()));
  return joined(parts);
}

std::string sentence(const QualityDetail& detail) {
  const QualityCheck& check = detail.check;
  const bool missing = check.kind == QualityKind::kMissing;
  const std::string what = missing ? "missing from {} of events" : "{} of values of another type";
  std::vector<std::string> parts;
  if (check.insufficient_samples) {
    parts.push_back(fmt::format("too little to judge by: {} live, {} in the baseline",
                                check.live.trials, check.baseline.trials));
  } else if (check.treatment.would_fail) {
    parts.push_back("muted");
  } else if (check.ok) {
    parts.push_back("no notable change");
  }
  const auto live = check.live_share();
  const auto baseline = check.baseline_share();
  if (live) parts.push_back(fmt::format(fmt::runtime(what), percent(*live)));
  if (live && baseline) parts.back() += fmt::format(" ({} in the baseline)", percent(*baseline));
  if (!check.changes.empty() && check.changes.front().endpoint != "") {
    std::vector<std::string> at;
    for (const SchemaFinding& change : check.changes) {
      if (at.size() == kCategoriesNamedMax) break;
      at.push_back(shortened(change.endpoint));
    }
    parts.push_back(fmt::format("changed at {}", fmt::join(at, ", ")));
  }
  return shortened(detail.feature) + ": " + joined(parts);
}

std::string sentence(const SchemaDetail& detail) {
  const SchemaCheck& check = detail.check;
  if (check.insufficient_samples) return "no endpoint has enough events to compare fields by";
  const std::uint64_t changes = check.changes();
  std::string text = changes == 0
                         ? fmt::format("no change of {} at {}", plural(check.found.fields, "field"),
                                       plural(check.found.endpoints, "endpoint"))
                         : told(check.found.findings, changes);
  if (check.found.live_dropped > 0) {
    text += fmt::format("; {} stood beyond the first {} places and are not compared",
                        plural(check.found.live_dropped, "value"), rollup::Rollup::kFeaturesMax);
  }
  return text;
}

}  // namespace

std::string text_of(const SchemaFinding& finding) {
  const std::string where = finding.endpoint.empty() ? "" : " at " + shortened(finding.endpoint);
  const std::string field = shortened(finding.field);
  const std::string now = percent(finding.live_share());
  const std::string before = percent(finding.baseline_share());
  switch (finding.change) {
    case SchemaChange::kNew:
      return fmt::format("{} is new{}, in {} of events", field, where, now);
    case SchemaChange::kVanished:
      return fmt::format("{} vanished{}, was in {} of events", field, where, before);
    case SchemaChange::kPresence:
      return fmt::format("{} is in {} of events{}, was in {}", field, now, where, before);
    case SchemaChange::kRetyped:
      return fmt::format("{} turned from {} into {} in {} of its values{}, was so in {}", field,
                         type_name(finding.from), type_name(finding.to), now, where, before);
    case SchemaChange::kNewValues:
      break;
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(finding.values.size(), kCategoriesNamedMax); ++i) {
    names.push_back(shortened(finding.values[i].name));
  }
  if (names.empty()) names.emplace_back("unnamed ones");
  return fmt::format("{} has new values{}, in {} of events: {}", field, where, now,
                     fmt::join(names, ", "));
}

std::string summary_of(const Detail& detail) {
  return std::visit([](const auto& one) { return sentence(one); }, detail);
}

}  // namespace driftguard::report

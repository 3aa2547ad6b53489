// SPDX-License-Identifier: Apache-2.0
#include "baseline/derived.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/bytes.h"
#include "rollup/bucket.h"

namespace driftguard::baseline {
namespace {

using std::chrono::hours;
using std::chrono::weeks;

constexpr std::size_t kKnownMax = 64;
constexpr std::chrono::minutes kFresh{1};

std::uint64_t events_of(const window::Window& window) {
  std::uint64_t events = 0;
  for (const auto& [endpoint, rollup] : window.endpoints) events += rollup->events;
  return events;
}

// One after another; what touches is one stretch.
std::vector<TimeRange> joined(const std::vector<std::vector<TimeRange>>& parts) {
  std::vector<TimeRange> whole;
  for (const std::vector<TimeRange>& part : parts) {
    for (const TimeRange& one : part) {
      if (!whole.empty() && whole.back().to == one.from) {
        whole.back().to = one.to;
      } else {
        whole.push_back(one);
      }
    }
  }
  return whole;
}

std::string span_text(std::chrono::minutes span) {
  return span % hours(1) == span.zero() ? fmt::format("{} h", span / hours(1))
                                        : fmt::format("{} min", span.count());
}

}  // namespace

TimeRange trailing_stretch(TimeRange live, const DerivedRules& rules) {
  const auto step = Microseconds(kTrailingStep);
  Time to = live.from - rules.trailing_offset;
  Microseconds over = to.time_since_epoch() % step;
  if (over < over.zero()) over += step;
  to -= over;
  return {to - rules.trailing_window, to};
}

Result<std::vector<TimeRange>> seasonal_stretches(TimeRange live, const DerivedRules& rules) {
  const TimeRange hours_of{std::chrono::floor<hours>(live.from), std::chrono::ceil<hours>(live.to)};
  if (hours_of.to - hours_of.from > weeks(1)) {
    return Error{ErrorCode::kInvalidArgument,
                 "a seasonal baseline is for windows of a week at most"};
  }
  std::vector<TimeRange> stretches;
  for (int back = rules.seasonal_weeks; back > 0; --back) {
    stretches.push_back({hours_of.from - weeks(back), hours_of.to - weeks(back)});
  }
  return stretches;
}

Result<DerivedBaselines::Stretches> DerivedBaselines::without_excluded(const std::string& service,
                                                                       TimeRange stretch) {
  if (exclusions_ == nullptr) return rest_of(stretch, {});
  auto excluded = exclusions_->within(service, stretch, Without::kChosenAndAlarms);
  if (!excluded) return excluded.error();
  return rest_of(stretch, *std::move(excluded));
}

// What is left of each stretch is known before anything is read, and tells baselines apart.
Result<Chosen> DerivedBaselines::known(const std::string& service, Source source,
                                       const std::vector<TimeRange>& stretches, const Make& make) {
  std::vector<Stretches> kept;
  std::string key = service;
  ByteWriter out(key);
  out.u8(0);
  out.u8(static_cast<std::uint8_t>(source));
  for (const TimeRange& stretch : stretches) {
    Result<Stretches> rest = without_excluded(service, stretch);
    if (!rest) return rest.error();
    for (const TimeRange& one : *rest) {
      out.zigzag(us_since_epoch(one.from));
      out.zigzag(us_since_epoch(one.to));
    }
    kept.push_back(*std::move(rest));
  }
  {
    const std::lock_guard lock(mutex_);
    const auto at = known_.find(key);
    if (at != known_.end() && clock_.now() - at->second.made_at < kFresh) return at->second.chosen;
  }
  const Time made_at = clock_.now();
  Result<Chosen> chosen = make(kept);
  if (!chosen) return chosen;
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_.insert_or_assign(key, Known{made_at, *chosen});
  return chosen;
}

// Of the parts, which are what happened in the stretches. Null: no events.
Result<BaselinePtr> DerivedBaselines::sum(const std::string& service, Source source,
                                          const std::vector<window::Window>& parts,
                                          const Stretches& stretches) {
  std::map<std::string, rollup::RollupSum> sums;
  rollup::RollupSum total;
  auto baseline = std::make_shared<Baseline>();
  baseline->range = {Time::max(), Time::min()};
  for (const window::Window& part : parts) {
    if (part.endpoints.empty()) continue;
    baseline->range.from = std::min(baseline->range.from, part.range.from);
    baseline->range.to = std::max(baseline->range.to, part.range.to);
    for (const auto& [endpoint, rollup] : part.endpoints) {
      sums[endpoint].add(*rollup);
      total.add(*rollup);
    }
  }
  if (sums.empty()) return BaselinePtr();
  if (stretches != std::vector{baseline->range}) baseline->stretches = stretches;
  baseline->service = service;
  baseline->created_at = clock_.now();
  baseline->source = source;
  baseline->slo = slo_;
  std::vector<std::pair<std::string, rollup::Rollup>> endpoints;
  for (auto& [endpoint, one] : sums) endpoints.emplace_back(endpoint, one.take());
  baseline->endpoints = endpoints_of(std::move(endpoints));
  baseline->total = total_of(total.take());
  for (const auto& [pointer, feature] : baseline->total->features) {
    Result<std::string> name = names_.name_of(service, pointer);
    if (!name) return name.error();
    baseline->names[pointer] = *name;
  }
  return BaselinePtr(std::move(baseline));
}

Result<Chosen> DerivedBaselines::trailing(const std::string& service, TimeRange live) {
  const TimeRange whole = trailing_stretch(live, rules_);
  // The first part says whether it has warmed up.
  const Time warm = std::max(whole.from, whole.to - rules_.warmup);
  return known(
      service, Source::kTrailing, {{whole.from, warm}, {warm, whole.to}},
      [&](const std::vector<Stretches>& kept) -> Result<Chosen> {
        std::vector<window::Window> parts;
        for (const Stretches& stretches : kept) {
          Result<window::Window> part = read_stretches(windows_, service, stretches);
          if (!part) return part.error();
          parts.push_back(*std::move(part));
        }
        if (warm > whole.from && events_of(parts.front()) == 0) {
          return Chosen{nullptr,
                        fmt::format("the trailing baseline, {} to {}, is warming up: it counts "
                                    "once it has events more than {} before its end",
                                    format_rfc3339(whole.from), format_rfc3339(whole.to),
                                    span_text(rules_.warmup))};
        }
        Result<BaselinePtr> made = sum(service, Source::kTrailing, parts, joined(kept));
        if (!made) return made.error();
        if (*made) return Chosen{*made, {}};
        return Chosen{nullptr, fmt::format("the trailing baseline, {} to {}, has no events",
                                           format_rfc3339(whole.from), format_rfc3339(whole.to))};
      });
}

Result<Chosen> DerivedBaselines::seasonal(const std::string& service, TimeRange live) {
  Result<std::vector<TimeRange>> stretches = seasonal_stretches(live, rules_);
  if (!stretches) return stretches.error();
  return known(service, Source::kSeasonal, *stretches,
               [&](const std::vector<Stretches>& kept) -> Result<Chosen> {
                 std::vector<window::Window> parts;
                 int filled = 0;
                 for (const Stretches& week : kept) {
                   Result<window::Window> part = read_stretches(windows_, service, week);
                   if (!part) return part.error();
                   if (events_of(*part) > 0) ++filled;
                   parts.push_back(*std::move(part));
                 }
                 const int needed = std::min(kSeasonalWeeksMin, rules_.seasonal_weeks);
                 if (filled < needed) {
                   return Chosen{nullptr,
                                 fmt::format("the seasonal baseline has events in these hours of "
                                             "the week in {} of {} weeks; {} are needed",
                                             filled, rules_.seasonal_weeks, needed)};
                 }
                 Result<BaselinePtr> made = sum(service, Source::kSeasonal, parts, joined(kept));
                 if (!made) return made.error();
                 return Chosen{*made, {}};
               });
}

}  // namespace driftguard::baseline

// SPDX-License-Identifier: Apache-2.0
#include "report/slo_desk.h"

#include <algorithm>
#include <cassert>

#include "rollup/bucket.h"

namespace driftguard::report {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// Where windows begin, before their common end. They are read as the stretches between these, so
// that nothing is read twice, and counts of stretches add up. The last one, the budget's period,
// begins on a whole hour, so that it stays the same for an hour.
constexpr std::array<minutes, 8> kReaches{minutes(5), minutes(30), hours(1), hours(2),
                                          hours(6),   days(1),     days(3),  kBudgetPeriod};

// The share of events that the promise "p95 at most L" lets take longer than L.
constexpr double kLatencyObjective = 0.95;

// A baseline's stretches looked at: all of a day's, or as many spread evenly.
constexpr std::int64_t kStretchesMax = 288;

// Segments of which something is remembered.
constexpr std::size_t kKnownMax = 1000;
// Where others write too, what arrives more than three days late counts by then.
constexpr minutes kPastFresh{10};

}  // namespace

// What happened up to each of kReaches.
struct SloDesk::Counts {
  std::array<SloCounts, kReaches.size()> statuses;
  std::array<SloCounts, kReaches.size()> latencies;
};

Severity SloView::severity() const { return std::max(success_rate.severity(), latency.severity()); }

SloDesk::SloDesk(const ViewSources& sources, const Config& config)
    : sources_(sources), config_(config) {}

Result<SloDesk::KnownPast> SloDesk::counted(const Result<window::Window>& window,
                                            double limit_ms) const {
  if (!window) return window.error();
  KnownPast made{sources_.clock.now(), std::nullopt, window->range, limit_ms, {}, {}};
  for (const auto& [endpoint, rollup] : window->endpoints) {
    made.statuses += status_counts(*rollup);
    made.latencies += latency_counts(*rollup, limit_ms);
  }
  return made;
}

// Of the last days. The embedded store's sums of them are in memory, for reports too.
Result<SloDesk::KnownPast> SloDesk::stretch(const window::Segment& segment, TimeRange range,
                                            double limit_ms) {
  const bool in_memory = sources_.store.exclusive();
  return counted(in_memory ? sources_.windows.read(segment, range)
                           : sources_.windows.read_outcomes(segment, range),
                 limit_ms);
}

bool SloDesk::holds(const KnownPast& known) const {
  if (known.changes) return sources_.windows.changes(known.range) == known.changes;
  return sources_.clock.now() - known.made_at < kPastFresh;
}

Result<SloDesk::KnownPast> SloDesk::past(const window::Segment& segment, TimeRange range,
                                         double limit_ms) {
  const std::pair key(segment.service, segment.endpoint.value_or(""));
  {
    const std::lock_guard lock(mutex_);
    const auto known = pasts_.find(key);
    if (known != pasts_.end() && known->second.range == range &&
        known->second.limit_ms == limit_ms && holds(known->second)) {
      return known->second;
    }
  }
  const std::optional<std::uint64_t> changes = sources_.windows.changes(range);
  Result<KnownPast> made = counted(sources_.windows.read_outcomes(segment, range), limit_ms);
  if (!made) return made;
  made->changes = changes;
  const std::lock_guard lock(mutex_);
  if (pasts_.size() >= kKnownMax) pasts_.clear();
  pasts_.insert_or_assign(key, *made);
  return made;
}

Result<SloDesk::Counts> SloDesk::counts(const window::Segment& segment, Time to, double limit_ms) {
  Counts counts;
  SloCounts statuses;
  SloCounts latencies;
  const auto add = [&](const Result<KnownPast>& more) {
    if (!more) return false;
    statuses += more->statuses;
    latencies += more->latencies;
    return true;
  };
  Time end = to;
  for (std::size_t i = 0; i < kReaches.size(); ++i) {
    const bool last = i + 1 == kReaches.size();
    const Time begin = last ? std::chrono::floor<hours>(end) : to - kReaches[i];
    const Result<KnownPast> more = stretch(segment, {begin, end}, limit_ms);
    if (!add(more)) return more.error();
    end = begin;
    if (last) {
      const Time first = std::chrono::floor<hours>(to) - kBudgetPeriod;
      const Result<KnownPast> rest = past(segment, {first, end}, limit_ms);
      if (!add(rest)) return rest.error();
    }
    counts.statuses[i] = statuses;
    counts.latencies[i] = latencies;
  }
  return counts;
}

Result<std::uint64_t> SloDesk::events(const Result<window::Window>& window) {
  if (!window) return window.error();
  std::uint64_t events = 0;
  for (const auto& [endpoint, rollup] : window->endpoints) events += rollup->events;
  return events;
}

Result<VolumeProfile> SloDesk::profile(const window::Segment& segment,
                                       const baseline::Baseline& baseline) {
  const std::pair key(segment.service, segment.endpoint.value_or(""));
  const std::pair which(baseline.version, baseline.created_at);
  {
    const std::lock_guard lock(mutex_);
    const auto known = profiles_.find(key);
    if (known != profiles_.end() && known->second.baseline == which) return known->second.profile;
  }
  // On whole minutes, of which stores keep sums.
  const Time begin = std::chrono::ceil<minutes>(baseline.range.from);
  const std::int64_t all = std::max<std::int64_t>(0, (baseline.range.to - begin) / kVolumeStretch);
  const std::int64_t taken = std::min(all, kStretchesMax);
  std::vector<std::uint64_t> counts;
  for (std::int64_t i = 0; i < taken; ++i) {
    const Time from = begin + i * all / taken * kVolumeStretch;
    const TimeRange range{from, from + kVolumeStretch};
    Result<std::uint64_t> count = events(sources_.windows.read_outcomes(segment, range));
    if (!count) return count.error();
    counts.push_back(*count);
  }
  VolumeProfile profile(std::move(counts));
  const std::lock_guard lock(mutex_);
  if (profiles_.size() >= kKnownMax) profiles_.clear();
  profiles_[key] = {which, profile};
  return profile;
}

// Of whole buckets that are over: one that still fills would look like too little.
Result<VolumeStatus> SloDesk::volume(const window::Segment& segment, Time to,
                                     const baseline::Baseline* baseline) {
  Result<std::uint64_t> live = events(sources_.windows.read(segment, {to - kVolumeStretch, to}));
  if (!live) return live.error();
  if (baseline == nullptr) return judge_volume(*live, {});
  Result<VolumeProfile> usual = profile(segment, *baseline);
  if (!usual) return usual.error();
  return judge_volume(*live, *usual);
}

Result<SloView> SloDesk::make(const SloQuery& query) {
  SloView view;
  view.generated_at = sources_.clock.now();
  const Time at = query.at.value_or(view.generated_at);
  view.to = rollup::whole_buckets({at, at}).to;
  Result<std::string> service = sources_.desk.service_of(query.service);
  if (!service) return service.error();
  view.segment = {std::move(*service), query.endpoint, {}};
  Result<baseline::BaselinePtr> baseline = sources_.baselines.active(view.segment.service);
  if (!baseline) return baseline.error();
  view.baseline = ref_of(baseline->get());
  const baseline::SloTargets targets = rules_of(config_, baseline->get()).slo;
  view.latency_limit_ms = targets.latency_p95_max;
  Result<Counts> counts = this->counts(view.segment, view.to, targets.latency_p95_max);
  if (!counts) return counts.error();
  const auto over = [](const std::array<SloCounts, kReaches.size()>& counted) {
    return [&counted](minutes length) {
      const auto reach = std::find(kReaches.begin(), kReaches.end(), length);
      assert(reach != kReaches.end());
      return counted[static_cast<std::size_t>(reach - kReaches.begin())];
    };
  };
  view.success_rate = slo_status(targets.success_rate_min, over(counts->statuses));
  view.latency = slo_status(kLatencyObjective, over(counts->latencies));
  Result<VolumeStatus> volume = this->volume(view.segment, rollup::bucket_of(at), baseline->get());
  if (!volume) return volume.error();
  view.volume = *volume;
  return view;
}

}  // namespace driftguard::report

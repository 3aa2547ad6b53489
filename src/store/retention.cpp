// SPDX-License-Identifier: Apache-2.0
#include "store/retention.h"

#include <algorithm>
#include <utility>

namespace driftguard::store {
namespace {

constexpr std::chrono::seconds kAgesEvery{30};

// The first stretch that begins at `t` or later.
Time whole_stretches(Time t) {
  using Stretch = std::chrono::duration<std::int64_t, std::ratio<kHistoryStretch.count()>>;
  if (t < Time::min() + kHistoryStretch) return Time::min();  // Rounding would overflow.
  return std::chrono::ceil<Stretch>(t);
}

Time whole_hours(Time t) { return std::chrono::floor<std::chrono::hours>(t); }

}  // namespace

Retention::Retention(Store& store, const Clock& clock, RetentionRules rules,
                     std::function<void(Time)> rollups_gone)
    : store_(store), clock_(clock), rules_(rules), rollups_gone_(std::move(rollups_gone)) {}

Result<void> Retention::pass(std::atomic<bool>& stop) {
  const std::lock_guard one_at_a_time(pass_mutex_);
  const Time now = clock_.now();
  const bool clock_went_back = now < ages_held_at_;
  if (ages_held_at_ == Time::min() || clock_went_back || now - ages_held_at_ >= kAgesEvery) {
    ages_held_at_ = now;
    if (auto held = hold_ages(stop); !held) return held;
  }
  if (auto held = hold_bytes(stop); !held) return held;
  const std::lock_guard lock(mutex_);
  ++figures_.passes;
  return {};
}

Result<void> Retention::hold_ages(std::atomic<bool>& stop) {
  const std::pair<History, std::chrono::days> ages[] = {{History::kRows, rules_.rows},
                                                        {History::kRollups, rules_.rollups}};
  for (const auto& [what, age] : ages) {
    if (age.count() == 0) continue;
    const std::uint64_t before = figures().rows_dropped + figures().rollups_dropped;
    if (auto dropped = drop_before(what, whole_hours(clock_.now() - age), stop); !dropped) {
      return dropped;
    }
    if (stop) return {};
    if (figures().rows_dropped + figures().rollups_dropped == before) continue;
    if (auto done = store_.reclaim(what, Reclaim::kIfWorthIt, stop); !done) return done;
  }
  const auto oldest = store_.oldest(History::kRows);
  if (!oldest) return oldest.error();
  {
    const std::lock_guard lock(mutex_);
    figures_.oldest_row = *oldest;
  }
  auto bytes = measure();
  return bytes ? Result<void>() : bytes.error();
}

Result<void> Retention::hold_bytes(std::atomic<bool>& stop) {
  if (rules_.bytes_max == 0) return {};
  const std::uint64_t high = rules_.bytes_max - rules_.bytes_max / 16;
  const std::uint64_t low = rules_.bytes_max - rules_.bytes_max / 8;
  auto bytes = measure();
  if (!bytes) return bytes.error();
  for (const History what : {History::kRows, History::kRollups}) {
    if (*bytes <= high || stop) return {};
    // What was dropped before, and is on the disk yet, must not count twice.
    if (auto done = store_.reclaim(what, Reclaim::kNow, stop); !done) return done;
    bytes = measure();
    if (!bytes) return bytes.error();
    if (*bytes <= high || stop) return {};
    auto cut = store_.find_cut(what, *bytes - low);
    if (!cut) return cut.error();
    const Time kept = whole_hours(clock_.now() - rules_.rollups_least);
    cut->before = what == History::kRows ? whole_stretches(cut->before)
                                         : std::min(whole_hours(cut->before), kept);
    if (auto dropped = drop_before(what, cut->before, stop); !dropped) return dropped;
    const bool enough = cut->bytes >= *bytes - low;
    bytes = measure();
    if (!bytes) return bytes.error();
    if (*bytes <= high || stop) return {};
    if (auto done = store_.reclaim(what, Reclaim::kNow, stop); !done) return done;
    bytes = measure();
    if (!bytes) return bytes.error();
    if (enough) return {};  // The next pass sees what is left to do.
  }
  return {};
}

Result<void> Retention::drop_before(History what, Time before, std::atomic<bool>& stop) {
  DropStep step{.what = what, .before = before};
  std::uint64_t count = 0;
  std::optional<Error> failed;
  do {
    const auto dropped = store_.drop(step);
    if (!dropped) {
      failed = dropped.error();
      break;
    }
    count += dropped->count;
    step.from = dropped->next;
    const std::lock_guard lock(mutex_);
    (what == History::kRows ? figures_.rows_dropped : figures_.rollups_dropped) += dropped->count;
  } while (step.from && !stop);
  if (what == History::kRollups && (count > 0 || failed)) rollups_gone_(before);
  if (failed) return *failed;
  return {};
}

Result<std::uint64_t> Retention::measure() {
  auto bytes = store_.bytes();
  if (!bytes) return bytes;
  const std::lock_guard lock(mutex_);
  figures_.store_bytes = *bytes;
  return bytes;
}

RetentionFigures Retention::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#include "alarm/watch.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "stats/proportion.h"

namespace driftguard::alarm {
namespace {

std::int64_t slot_of(std::int64_t bucket) {
  const std::int64_t per = Recent::kBucketsPerSlot;
  return (bucket - (bucket % per + per) % per) / per;
}

std::size_t row_of(std::int64_t slot) {
  return static_cast<std::size_t>((slot % Recent::kSlots + Recent::kSlots) % Recent::kSlots);
}

// How far two shares lie apart, in standard errors of the second for n events.
double distance(double share, double expected, double n) {
  const double error = std::sqrt(std::max(expected * (1.0 - expected), 1.0 / n) / n);
  return std::abs(share - expected) / error;
}

// The effect at one place, its interval still to be found.
Effect effect_at(const Reference& reference, std::size_t place, double share) {
  Effect effect;
  effect.place = place;
  effect.share = share;
  effect.tolerated_low = reference.null.low[place];
  effect.tolerated_high = reference.null.high[place];
  if (reference.shares.empty()) return effect;
  const bool ordered = reference.null.order == Order::kOrdered;
  const auto end = reference.shares.begin() + static_cast<std::ptrdiff_t>(place) + 1;
  effect.baseline_share =
      ordered ? std::accumulate(reference.shares.begin(), end, 0.0) : reference.shares[place];
  return effect;
}

// First what lies furthest outside its tolerance; if nothing does, what is furthest from baseline.
double rank(const Effect& effect, double n) {
  constexpr double kOutside = 1e9;
  if (!effect.within_tolerance()) {
    const double limit =
        effect.share > effect.tolerated_high ? effect.tolerated_high : effect.tolerated_low;
    return kOutside + distance(effect.share, limit, n);
  }
  return distance(effect.share, effect.baseline_share, n);
}

void find_interval(double n, double overdispersion, Effect* effect) {
  const auto trials = static_cast<std::uint64_t>(std::max(1.0, n / overdispersion));
  const double expected = effect->share * static_cast<double>(trials);
  const auto successes = std::min(trials, static_cast<std::uint64_t>(std::llround(expected)));
  const stats::Interval interval = stats::wilson_interval({successes, trials});
  effect->low = std::min(interval.low, effect->share);
  effect->high = std::max(interval.high, effect->share);
}

std::optional<Effect> largest_effect(const Reference& reference,
                                     std::span<const std::uint64_t> counts) {
  const auto values = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (values == 0) return std::nullopt;
  const auto n = static_cast<double>(values);
  const bool ordered = reference.null.order == Order::kOrdered;
  // Of two cells the second says what the first does.
  const std::size_t places = counts.size() == 2 ? 1 : reference.null.low.size();
  std::optional<Effect> largest;
  double most = -1.0;
  std::uint64_t cumulative = 0;
  for (std::size_t k = 0; k < places; ++k) {
    cumulative = ordered ? cumulative + counts[k] : counts[k];
    const Effect effect = effect_at(reference, k, static_cast<double>(cumulative) / n);
    const double far = rank(effect, n);
    if (far > most) most = far, largest = effect;
  }
  largest->values = values;
  find_interval(n, reference.overdispersion, &*largest);
  return largest;
}

}  // namespace

void Recent::advance(std::int64_t bucket) {
  const std::int64_t slot = slot_of(bucket);
  if (slots_.empty()) {
    newest_ = slot;
    return;
  }
  for (std::int64_t s = std::max(newest_ + 1, slot - kSlots + 1); s <= slot; ++s) {
    const auto row = slots_.begin() + static_cast<std::ptrdiff_t>(row_of(s) * cells_);
    const auto row_end = row + static_cast<std::ptrdiff_t>(cells_);
    values_ -= std::accumulate(row, row_end, std::uint64_t{0});
    std::fill(row, row_end, 0u);
  }
  newest_ = std::max(newest_, slot);
}

void Recent::add(std::span<const std::uint32_t> counts) {
  assert(counts.size() == cells_);
  slots_.resize(static_cast<std::size_t>(kSlots) * cells_);
  const std::size_t row = row_of(newest_) * cells_;
  for (std::size_t j = 0; j < cells_; ++j) {
    slots_[row + j] += counts[j];
    values_ += counts[j];
  }
}

std::vector<std::uint64_t> Recent::since(std::int64_t from_bucket) const {
  std::vector<std::uint64_t> sums(cells_);
  if (slots_.empty()) return sums;
  const std::int64_t from = std::clamp(slot_of(from_bucket), newest_ - kSlots + 1, newest_);
  for (std::int64_t slot = from; slot <= newest_; ++slot) {
    for (std::size_t j = 0; j < cells_; ++j) sums[j] += slots_[row_of(slot) * cells_ + j];
  }
  return sums;
}

void Recent::encode(ByteWriter& out) const {
  out.zigzag(newest_);
  out.u8(slots_.empty() ? 0 : 1);
  for (const std::uint32_t n : slots_) out.varint(n);
}

Recent Recent::decode(ByteReader& in, std::size_t cells) {
  Recent recent(cells);
  recent.newest_ = in.zigzag();
  if (in.u8() == 0) return recent;
  recent.slots_.resize(static_cast<std::size_t>(kSlots) * cells);
  for (std::uint32_t& n : recent.slots_) {
    n = static_cast<std::uint32_t>(in.varint());
    recent.values_ += n;
  }
  return recent;
}

Watch::Watch(const Reference& reference)
    : detector_(reference.mixture), recent_(reference.layout.cells()) {}

bool Watch::fold(const Reference& reference, const Rules& rules, std::int64_t bucket,
                 std::span<const std::uint32_t> counts) {
  if (bucket <= last_) return false;
  if (last_ == kNever) since_ = bucket;
  last_ = bucket;
  recent_.advance(bucket);
  if (reference.admission != Admission::kAdmitted) return true;
  if (std::any_of(counts.begin(), counts.end(), [](std::uint32_t n) { return n > 0; })) {
    recent_.add(counts);
    detector_.fold(reference.mixture, counts, bucket);
  }
  step(reference, rules, bucket);
  return true;
}

void Watch::step(const Reference& reference, const Rules& rules, std::int64_t bucket) {
  const double threshold = reference.threshold(rules);
  const double evidence = detector_.evidence(reference.mixture);
  const bool suspect = evidence >= rules.pending_share * threshold;
  const bool enough =
      recent_.values() >=
      (is_rate(reference.layout.subject) ? rules.live_trials_min : rules.live_values_min);
  if (state_ == State::kFiring) {
    peak_ = std::max(peak_, evidence);
    detector_.cap(reference.mixture, threshold);
    if (suspect) last_suspect_ = bucket;
    if (bucket - last_suspect_ >= rules.quiet_buckets && enough && is_calm(reference)) {
      enter(State::kResolved, bucket);
    }
    return;
  }
  if (!enough) return enter(State::kInsufficientData, bucket);
  if (evidence >= threshold) {
    fired_start_ = detector_.started(detector_.leading(reference.mixture));
    last_suspect_ = bucket;
    peak_ = evidence;
    return enter(State::kFiring, bucket);
  }
  if (suspect) return enter(State::kPending, bucket);
  if (state_ == State::kResolved && bucket - since_ < rules.resolved_buckets) return;
  enter(State::kOk, bucket);
}

bool Watch::is_calm(const Reference& reference) const {
  const std::optional<Effect> worst = effect(reference);
  return worst && worst->low <= worst->tolerated_high && worst->high >= worst->tolerated_low;
}

void Watch::enter(State state, std::int64_t bucket) {
  if (state == state_) return;
  state_ = state;
  since_ = bucket;
}

double Watch::evidence(const Reference& reference) const {
  const double now = detector_.evidence(reference.mixture);
  return state_ == State::kFiring ? std::max(peak_, now) : now;
}

std::optional<std::int64_t> Watch::started_bucket(const Reference& reference) const {
  if (state_ == State::kFiring || state_ == State::kResolved) return fired_start_;
  if (state_ != State::kPending) return std::nullopt;
  return detector_.started(detector_.leading(reference.mixture));
}

std::optional<Effect> Watch::effect(const Reference& reference) const {
  if (recent_.values() == 0 || reference.null.low.empty()) return std::nullopt;
  const std::optional<std::int64_t> start = started_bucket(reference);
  // While it fires but has become quiet, the last half hour says whether it is over.
  const bool quiet = state_ == State::kFiring && last_ - last_suspect_ > Recent::kBucketsPerSlot;
  const bool drifting = state_ == State::kFiring || state_ == State::kPending;
  const std::vector<std::uint64_t> counts = recent_.since(
      drifting && start && !quiet ? *start : last_ - Recent::kSlots * Recent::kBucketsPerSlot);
  return largest_effect(reference, counts);
}

void Watch::encode(const Reference& reference, ByteWriter& out) const {
  out.fixed64(reference.fingerprint());
  out.u8(static_cast<std::uint8_t>(state_));
  out.zigzag(since_);
  out.zigzag(last_);
  out.zigzag(last_suspect_);
  out.zigzag(fired_start_);
  out.real(peak_);
  recent_.encode(out);
  detector_.encode(out);
}

Watch Watch::decode(const Reference& reference, ByteReader& in) {
  const bool same = in.fixed64() == reference.fingerprint();
  const std::uint8_t state = in.u8();
  Watch watch;
  watch.state_ = static_cast<State>(state);
  watch.since_ = in.zigzag();
  watch.last_ = in.zigzag();
  watch.last_suspect_ = in.zigzag();
  watch.fired_start_ = in.zigzag();
  watch.peak_ = in.real();
  watch.recent_ = Recent::decode(in, reference.layout.cells());
  watch.detector_ = Detector::decode(in);
  if (!same || state > static_cast<std::uint8_t>(State::kResolved) ||
      watch.detector_.components() != reference.mixture.components().size()) {
    in.fail();
  }
  return watch;
}

std::int64_t bucket_number(Time bucket) {
  return std::chrono::floor<std::chrono::seconds>(bucket).time_since_epoch().count() /
         rollup::kBucketWidth.count();
}

Time bucket_start(std::int64_t number) { return Time{number * rollup::kBucketWidth}; }

}  // namespace driftguard::alarm

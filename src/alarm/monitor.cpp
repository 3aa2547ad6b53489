// SPDX-License-Identifier: Apache-2.0
#include "alarm/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "alarm/reason.h"
#include "core/sealed.h"

namespace driftguard::alarm {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kWhat = "a stored alarm state";

Error corrupt(std::string_view why) {
  return {ErrorCode::kCorrupt, fmt::format("{} does not read back: {}", kWhat, why)};
}

// Graver states rank higher.
int gravity(State state) {
  switch (state) {
    case State::kInsufficientData:
      return 0;
    case State::kOk:
      return 1;
    case State::kResolved:
      return 2;
    case State::kPending:
      return 3;
    case State::kFiring:
      return 4;
  }
  return 0;
}

// Notes the feature of a watch whose values drift, or are suspected to.
void note_drifting(const Watch& watch, const Layout& layout, std::vector<std::string>* drifting) {
  const bool values = layout.subject == Subject::kNumbers || layout.subject == Subject::kCategories;
  const bool drifts = watch.state() == State::kPending || watch.state() == State::kFiring;
  if (values && drifts) drifting->push_back(layout.pointer);
}

// The feature of a pair that drifts by itself; null: none does, or it is no pair.
const Halves* drifting_half(const Layout& layout, const std::vector<std::string>& drifting) {
  for (const Halves& halves : layout.pair) {
    if (std::find(drifting.begin(), drifting.end(), halves.pointer) != drifting.end()) {
      return &halves;
    }
  }
  return nullptr;
}

}  // namespace

Monitor::Monitor(std::shared_ptr<const References> references, const Rules& rules)
    : references_(std::move(references)), rules_(rules) {
  assert(references_ != nullptr);
  for (const Reference& reference : *references_) watches_.emplace_back(reference);
}

bool Monitor::fold(Time bucket, std::span<const EndpointRollup> endpoints) {
  const std::int64_t number = bucket_number(bucket);
  if (!watches_.empty() && number <= watches_.front().last_bucket()) return false;
  std::vector<std::uint32_t> counts;
  std::vector<std::string> drifting;  // Features stand before their pairs.
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    const Reference& reference = (*references_)[i];
    counts.assign(reference.layout.cells(), 0);
    // The halves of a feature that drifts are none: that is its own alarm's to say.
    if (drifting_half(reference.layout, drifting) == nullptr) {
      count_cells(reference.layout, endpoints, counts);
    }
    watches_[i].fold(reference, rules_, number, counts);
    note_drifting(watches_[i], reference.layout, &drifting);
  }
  return true;
}

State Monitor::state() const {
  State gravest = State::kInsufficientData;
  for (const Watch& watch : watches_) {
    if (gravity(watch.state()) > gravity(gravest)) gravest = watch.state();
  }
  return gravest;
}

double Monitor::share_of_threshold(std::size_t watch) const {
  const Reference& reference = (*references_)[watch];
  return watches_[watch].evidence(reference) / reference.threshold(rules_);
}

std::optional<Time> Monitor::last_bucket() const {
  if (watches_.empty() || !watches_.front().has_folded()) return std::nullopt;
  return bucket_start(watches_.front().last_bucket());
}

std::vector<Alarm> Monitor::alarms() const {
  std::vector<Alarm> alarms;
  std::vector<double> e_values;
  std::vector<std::string> drifting;
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    const Reference& reference = (*references_)[i];
    const Watch& watch = watches_[i];
    Alarm alarm;
    alarm.name = reference.name;
    alarm.subject = reference.layout.subject;
    alarm.pointer = reference.layout.pointer;
    alarm.endpoints = reference.layout.endpoints;
    alarm.state = watch.state();
    alarm.since = bucket_start(watch.since_bucket());
    alarm.share_of_threshold = share_of_threshold(i);
    alarm.return_period_s =
        alarm.share_of_threshold * std::chrono::duration<double>(rules_.arl).count();
    if (const auto started = watch.started_bucket(reference)) {
      alarm.started = bucket_start(*started);
    }
    alarm.effect = watch.effect(reference);
    if (alarm.effect) alarm.effect_of = share_text(reference, alarm.effect->place);
    alarm.tolerance = reference.tolerance;
    alarm.tolerance_learnt = reference.tolerance_learnt;
    alarm.admission = reference.admission;
    alarm.reason = reason_of(alarm, reference, rules_);
    note_drifting(watch, reference.layout, &drifting);
    const Halves* half = drifting_half(reference.layout, drifting);
    if (half != nullptr && alarm.state == State::kInsufficientData) {
      alarm.reason = fmt::format("Not judged while {} drifts by itself.", half->name);
    }
    // Weighted: each e-value in proportion to its budget, so that all have the same threshold.
    e_values.push_back(alarm.share_of_threshold * static_cast<double>(watches_.size()));
    alarms.push_back(std::move(alarm));
  }
  const std::vector<bool> listed = listed_by_e_bh(e_values, 1.0);
  for (std::size_t i = 0; i < alarms.size(); ++i) alarms[i].listed = listed[i];
  return alarms;
}

std::string Monitor::encode() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(watches_.size());
  for (std::size_t i = 0; i < watches_.size(); ++i) watches_[i].encode((*references_)[i], out);
  return seal(std::move(bytes));
}

Result<Monitor> Monitor::decode(std::shared_ptr<const References> references, const Rules& rules,
                                std::string_view bytes) {
  const Result<std::string_view> body = unseal(bytes, kVersion, kWhat);
  if (!body) return body.error();
  ByteReader in(*body);
  Monitor monitor(std::move(references), rules);
  if (in.varint() != monitor.watches_.size()) return corrupt("it is of another baseline");
  for (std::size_t i = 0; i < monitor.watches_.size() && in.ok(); ++i) {
    monitor.watches_[i] = Watch::decode((*monitor.references_)[i], in);
  }
  if (!in.done()) return corrupt("it is malformed, or of another baseline");
  return monitor;
}

std::vector<bool> listed_by_e_bh(std::span<const double> e_values, double alpha) {
  assert(alpha > 0.0);
  std::vector<std::size_t> order(e_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return e_values[a] > e_values[b]; });
  std::size_t kept = 0;
  for (std::size_t k = 1; k <= order.size(); ++k) {
    const double least = static_cast<double>(order.size()) / (static_cast<double>(k) * alpha);
    if (e_values[order[k - 1]] >= least) kept = k;
  }
  std::vector<bool> listed(e_values.size(), false);
  for (std::size_t i = 0; i < kept; ++i) listed[order[i]] = true;
  return listed;
}

}  // namespace driftguard::alarm

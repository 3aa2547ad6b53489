// SPDX-License-Identifier: Apache-2.0
#include "baseline/exclusions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/bytes.h"
#include "rollup/bucket.h"

namespace driftguard::baseline {
namespace {

constexpr std::uint8_t kFormat = 1;
// Of two that change a service's exclusions at once, one has to begin again.
constexpr int kTriesMax = 20;

std::string key_of(const std::string& service) {
  return std::string("baseline_exclusions") + '\0' + service + '\0';
}

}  // namespace

std::vector<TimeRange> rest_of(TimeRange range, std::vector<TimeRange> excluded) {
  range = rollup::whole_buckets(range);
  std::sort(excluded.begin(), excluded.end(),
            [](const TimeRange& a, const TimeRange& b) { return a.from < b.from; });
  std::vector<TimeRange> rest;
  Time begin = range.from;
  for (const TimeRange& one : excluded) {
    if (one.from >= one.to) continue;
    const TimeRange gone = rollup::whole_buckets(one);
    if (gone.from >= range.to) break;
    if (begin < gone.from) rest.push_back({begin, gone.from});
    begin = std::max(begin, gone.to);
  }
  if (begin < range.to) rest.push_back({begin, range.to});
  return rest;
}

Result<window::Window> read_stretches(window::WindowReader& windows, const std::string& service,
                                      const std::vector<TimeRange>& stretches) {
  window::Window whole;
  if (stretches.empty()) return whole;
  if (stretches.size() == 1) return windows.read({service, {}, {}}, stretches.front());
  std::map<std::string, rollup::RollupSum> sums;
  for (const TimeRange& stretch : stretches) {
    Result<window::Window> part = windows.read({service, {}, {}}, stretch);
    if (!part) return part.error();
    for (const auto& [endpoint, rollup] : part->endpoints) sums[endpoint].add(*rollup);
  }
  whole.range = {stretches.front().from, stretches.back().to};
  for (auto& [endpoint, sum] : sums) {
    whole.endpoints[endpoint] = std::make_shared<const rollup::Rollup>(sum.take());
  }
  return whole;
}

Exclusions::Exclusions(store::Store& store, const Clock& clock, std::vector<TimeRange> configured,
                       AlarmRanges under_alarm)
    : store_(store),
      clock_(clock),
      configured_(std::move(configured)),
      under_alarm_(std::move(under_alarm)) {}

std::string Exclusions::encode(const Kept& kept) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kFormat);
  out.varint(static_cast<std::uint64_t>(kept.last_id));
  out.varint(kept.exclusions.size());
  for (const Exclusion& one : kept.exclusions) {
    out.varint(static_cast<std::uint64_t>(one.id));
    out.zigzag(us_since_epoch(one.range.from));
    out.zigzag(us_since_epoch(one.range.to));
    out.zigzag(us_since_epoch(one.created_at));
    out.text(one.reason);
  }
  return bytes;
}

Result<Exclusions::Kept> Exclusions::decode(std::string_view bytes) {
  ByteReader in(bytes);
  Kept kept;
  const bool known = in.u8() == kFormat;
  kept.last_id = static_cast<int>(in.varint());
  for (std::uint64_t left = in.varint(); known && left > 0 && in.ok(); --left) {
    Exclusion one;
    one.id = static_cast<int>(in.varint());
    one.range.from = time_from_us(in.zigzag());
    one.range.to = time_from_us(in.zigzag());
    one.created_at = time_from_us(in.zigzag());
    one.reason = std::string(in.text());
    kept.exclusions.push_back(std::move(one));
  }
  if (!known || !in.done()) {
    return Error{ErrorCode::kCorrupt, "the stored exclusions of a service do not read back"};
  }
  return kept;
}

Result<std::vector<Exclusion>> Exclusions::list(const std::string& service) {
  Result<std::optional<std::string>> bytes = store_.get_document(key_of(service));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::vector<Exclusion>();
  Result<Kept> kept = decode(**bytes);
  if (!kept) return kept.error();
  return std::move(kept->exclusions);
}

Result<void> Exclusions::change(const std::string& service, const Change& edit) {
  const std::string key = key_of(service);
  for (int attempt = 0; attempt < kTriesMax; ++attempt) {
    Result<std::optional<std::string>> bytes = store_.get_document(key);
    if (!bytes) return bytes.error();
    Result<Kept> kept = *bytes ? decode(**bytes) : Kept{};
    if (!kept) return kept.error();
    if (auto changed = edit(*kept); !changed) return changed;
    const std::string next = encode(*kept);
    const store::DocumentExpectation expected{key, *bytes};
    const store::DocumentWrite write{key, next};
    Result<bool> done = store_.change_documents({&expected, 1}, {&write, 1});
    if (!done) return done.error();
    if (*done) return {};
  }
  return Error{ErrorCode::kOverloaded,
               fmt::format("others keep changing the exclusions of {}; try again", service)};
}

Result<Exclusion> Exclusions::add(const std::string& service, TimeRange range, std::string reason) {
  if (range.from >= range.to) {
    return Error{ErrorCode::kInvalidArgument, "from must lie before to"};
  }
  if (reason.size() > kReasonBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("reason: longer than {} bytes", kReasonBytesMax)};
  }
  Exclusion added{0, range, std::move(reason), clock_.now()};
  auto changed = change(service, [&](Kept& kept) -> Result<void> {
    if (kept.exclusions.size() >= kKeptMax) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("{} has {} exclusions already; remove old ones", service,
                               kept.exclusions.size())};
    }
    added.id = ++kept.last_id;
    kept.exclusions.push_back(added);
    return {};
  });
  if (!changed) return changed.error();
  return added;
}

Result<void> Exclusions::remove(const std::string& service, int id) {
  return change(service, [&](Kept& kept) -> Result<void> {
    const auto gone = std::remove_if(kept.exclusions.begin(), kept.exclusions.end(),
                                     [id](const Exclusion& one) { return one.id == id; });
    if (gone == kept.exclusions.end()) {
      return Error{ErrorCode::kNotFound, fmt::format("{} has no exclusion {}", service, id)};
    }
    kept.exclusions.erase(gone, kept.exclusions.end());
    return {};
  });
}

Result<std::vector<TimeRange>> Exclusions::within(const std::string& service, TimeRange range,
                                                  Without without) {
  Result<std::vector<Exclusion>> kept = list(service);
  if (!kept) return kept.error();
  std::vector<TimeRange> all = configured_;
  for (const Exclusion& one : *kept) all.push_back(one.range);
  if (without == Without::kChosenAndAlarms && under_alarm_) {
    Result<std::vector<TimeRange>> alarms = under_alarm_(service, range);
    if (!alarms) return alarms.error();
    all.insert(all.end(), alarms->begin(), alarms->end());
  }
  std::erase_if(all,
                [&](const TimeRange& one) { return one.to <= range.from || range.to <= one.from; });
  return all;
}

}  // namespace driftguard::baseline

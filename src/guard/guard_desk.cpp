// SPDX-License-Identifier: Apache-2.0
#include "guard/guard_desk.h"

#include <fmt/format.h>

#include <algorithm>

namespace driftguard::guard {
namespace {

// New services and endpoints are found at least so often.
constexpr std::chrono::seconds kListEvery{5};
constexpr std::size_t kNamedMax = 20;  // In an error.

}  // namespace

GuardDesk::GuardDesk(const GuardSources& sources, const GuardOptions& options)
    : sources_(sources), options_(options), book_(sources.store, sources.clock) {}

Result<void> GuardDesk::read_store() {
  if (auto refreshed = book_.refresh(); !refreshed) return refreshed;
  const Time now = sources_.clock.now();
  if (listed_at_ && now - *listed_at_ < kListEvery) return {};
  Result<std::vector<store::SegmentName>> segments = sources_.store.list_segments("");
  if (!segments) return segments.error();
  listed_at_ = now;
  std::map<std::string, std::set<std::string>> found;
  for (store::SegmentName& segment : *segments) {
    if (!found.contains(segment.service) && found.size() >= kServicesMax) break;
    std::set<std::string>& of_service = found[segment.service];
    if (of_service.size() < kEndpointsMax) of_service.insert(std::move(segment.endpoint));
  }
  auto endpoints = std::make_shared<Endpoints>();
  for (auto& [service, of_service] : found) {
    const auto same = endpoints_->find(service);
    const bool unchanged = same != endpoints_->end() && *same->second == of_service;
    (*endpoints)[service] =
        unchanged ? same->second
                  : std::make_shared<const std::set<std::string>>(std::move(of_service));
  }
  const std::lock_guard lock(mutex_);
  endpoints_ = std::move(endpoints);
  return {};
}

void GuardDesk::look() {
  const std::lock_guard looking(looking_);
  std::shared_ptr<const Endpoints> endpoints;
  {
    const std::lock_guard lock(mutex_);
    endpoints = endpoints_;
  }
  const std::shared_ptr<const Standings> before = standings();
  const OverridesPtr overrides = book_.known();
  Holding holding;
  for (const Override& one : *overrides) {
    if (one.holds(sources_.clock.now())) holding[one.order.service].push_back(one);
  }
  auto now = std::make_shared<Standings>();
  for (const auto& [service, of_service] : *endpoints) {
    now->emplace(service, standing_of(service, of_service, holding, *before));
  }
  for (const auto& [service, ones] : holding) {
    if (!now->contains(service)) now->emplace(service, standing_of(service, {}, holding, *before));
  }
  const std::lock_guard lock(mutex_);
  standings_ = std::move(now);
}

StandingPtr GuardDesk::standing_of(const std::string& service, const EndpointsPtr& endpoints,
                                   const Holding& holding, const Standings& before) const {
  const auto last = before.find(service);
  const Standing* same = last == before.end() ? nullptr : last->second.get();
  const auto overrides = holding.find(service);
  alert::ServiceAlarmsPtr alarms = sources_.alarms_of(service);
  // Put away, or about to be taken up by this node: what was known holds until it is stale.
  if (alarms == nullptr && same != nullptr) alarms = same->alarms;
  if (same != nullptr && same->alarms == alarms && same->endpoints == endpoints &&
      same->overrides.empty() && overrides == holding.end()) {
    return last->second;
  }
  auto made = std::make_shared<Standing>();
  made->service = service;
  made->policy = policy_of(options_.policies, service);
  made->endpoints = endpoints;
  if (overrides != holding.end()) made->overrides = overrides->second;
  if (alarms != nullptr) note_alarms(std::move(alarms), sources_.rules, made.get());
  return made;
}

std::shared_ptr<const GuardDesk::Standings> GuardDesk::standings() const {
  const std::lock_guard lock(mutex_);
  return standings_;
}

Result<StandingPtr> GuardDesk::find(const std::string& asked) const {
  const std::shared_ptr<const Standings> all = standings();
  const std::string& service = asked.empty() ? options_.default_service : asked;
  if (service.empty() && all->size() == 1) return all->begin()->second;
  if (service.empty()) {
    std::string names;
    for (const auto& [name, standing] : *all) {
      if (std::count(names.begin(), names.end(), ',') >= static_cast<int>(kNamedMax)) break;
      names += (names.empty() ? "" : ", ") + name;
    }
    return Error{ErrorCode::kInvalidArgument,
                 names.empty() ? "service: it is needed; there are no events yet"
                               : fmt::format("service: it is needed; there are {}", names)};
  }
  if (const auto found = all->find(service); found != all->end()) return found->second;
  auto unknown = std::make_shared<Standing>();
  unknown->service = service;
  unknown->policy = policy_of(options_.policies, service);
  return StandingPtr(std::move(unknown));
}

Decision GuardDesk::decide(const Standing& standing,
                           const std::optional<std::string>& endpoint) const {
  return guard::decide(standing, endpoint, sources_.clock.now(), options_.lag);
}

std::vector<GuardedService> GuardDesk::list(std::size_t offset, std::size_t limit,
                                            std::size_t* total) const {
  const std::shared_ptr<const Standings> all = standings();
  *total = all->size();
  std::vector<GuardedService> services;
  auto at = std::next(all->begin(), static_cast<std::ptrdiff_t>(std::min(offset, all->size())));
  for (; at != all->end() && services.size() < limit; ++at) {
    services.push_back({at->second, decide(*at->second, std::nullopt)});
  }
  return services;
}

Result<Override> GuardDesk::add(const OverrideOrder& order) {
  Result<Override> added = book_.add(order);
  if (added) look();
  return added;
}

Result<Override> GuardDesk::end(std::int64_t id, const std::string& by,
                                const std::string& because) {
  Result<Override> ended = book_.end(id, by, because);
  if (ended) look();
  return ended;
}

}  // namespace driftguard::guard

// SPDX-License-Identifier: Apache-2.0
#include "alert/inflow.h"

#include <algorithm>

#include "alarm/watch.h"

namespace driftguard::alert {
namespace {

std::set<std::string_view> services_of(std::span<const store::RollupKey> keys) {
  std::set<std::string_view> names;
  for (const store::RollupKey& key : keys) names.insert(key.service);
  return names;
}

}  // namespace

void Inflow::before(std::span<const store::RollupKey> keys) {
  if (next_ != nullptr) next_->before(keys);
  const std::set<std::string_view> names = services_of(keys);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::none_of(names.begin(), names.end(),
                        [&](std::string_view name) { return services_[std::string(name)].read; });
  });
  for (const std::string_view name : names) ++services_[std::string(name)].commits;
}

void Inflow::after(std::span<const ingest::BucketDelta> deltas, bool committed) {
  if (next_ != nullptr) next_->after(deltas, committed);
  if (!committed) return;
  const std::int64_t oldest = alarm::bucket_number(clock_.now()) - kLateBucketsMax;
  const std::lock_guard lock(mutex_);
  for (const ingest::BucketDelta& delta : deltas) add(delta, oldest);
}

void Inflow::done(std::span<const store::RollupKey> keys) {
  if (next_ != nullptr) next_->done(keys);
  {
    const std::lock_guard lock(mutex_);
    for (const std::string_view name : services_of(keys)) --services_[std::string(name)].commits;
  }
  changed_.notify_all();
}

void Inflow::add(const ingest::BucketDelta& delta, std::int64_t oldest) {
  const std::int64_t bucket = alarm::bucket_number(delta.key.bucket);
  Service& service = services_[delta.key.service];
  service.active = true;
  if (bucket < oldest) return;
  if (bucket > service.folded) {
    service.touched[bucket].insert(delta.key.endpoint);
    // Only before the first evaluation can there be such.
    service.touched.erase(service.touched.begin(), service.touched.lower_bound(oldest));
  } else {
    service.late[delta.key.endpoint].add(*delta.rollup);
  }
}

std::vector<std::string> Inflow::take_active() {
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (auto& [name, service] : services_) {
    if (service.active) names.push_back(name);
    service.active = false;
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Inflow::Sums> Inflow::take(const std::string& name, std::int64_t until, const Read& read) {
  std::unique_lock lock(mutex_);
  Service& service = services_[name];
  service.read = true;
  changed_.wait(lock, [&] { return service.commits == 0; });
  const auto end = service.touched.upper_bound(until);
  const Touched touched(service.touched.begin(), end);
  lock.unlock();
  const Result<void> done = read(touched);
  lock.lock();
  service.read = false;
  Sums late;
  if (done) {
    service.touched.erase(service.touched.begin(), end);
    service.folded = std::max(service.folded, until);
    for (auto& [endpoint, sum] : service.late) late[endpoint] = sum.take();
    service.late.clear();
  }
  lock.unlock();
  changed_.notify_all();
  if (!done) return done.error();
  return late;
}

}  // namespace driftguard::alert

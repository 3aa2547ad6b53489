// SPDX-License-Identifier: Apache-2.0
// What came in since a service's alarms were evaluated last, so that every event counts as evidence
// once: with its own bucket, or, if that was folded before it came, with the next one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "ingest/committer.h"
#include "rollup/rollup.h"

namespace driftguard::alert {

// Sees the commits of this process. Thread-safe; what it refers to must outlive it.
class Inflow final : public ingest::CommitObserver {
 public:
  // Events later than that are history, not news: they count in reports alone. Bounds what is
  // remembered of a service, too.
  static constexpr std::int64_t kLateBucketsMax = 360;

  // `next`, which may be null, is told of every commit too.
  Inflow(const Clock& clock, ingest::CommitObserver* next) : clock_(clock), next_(next) {}

  // Waits while a service of the commit is being read by take().
  void before(std::span<const store::RollupKey> keys) override;
  void after(std::span<const ingest::BucketDelta> deltas, bool committed) override;
  void done(std::span<const store::RollupKey> keys) override;

  // Services that sent something since the last call, sorted.
  std::vector<std::string> take_active();

  // Buckets that got events, with the endpoints that sent them.
  using Touched = std::map<std::int64_t, std::set<std::string>>;
  using Read = std::function<Result<void>(const Touched& touched)>;
  // Sums by endpoint.
  using Sums = std::map<std::string, rollup::Rollup>;

  // The service's buckets up to `until` count as folded from here on. Before that `read` is called
  // once, while no commit to the service is under way, with those among them that got events and
  // were not folded yet; an error of it ends the call, and nothing has changed. Gives what came
  // late. To be called by one thread.
  Result<Sums> take(const std::string& service, std::int64_t until, const Read& read);

 private:
  struct Service {
    std::int64_t folded = std::numeric_limits<std::int64_t>::min();
    Touched touched;  // Buckets behind `folded`.
    std::map<std::string, rollup::RollupSum> late;
    bool active = false;
    int commits = 0;  // Under way.
    bool read = false;
  };

  void add(const ingest::BucketDelta& delta, std::int64_t oldest);

  const Clock& clock_;
  ingest::CommitObserver* const next_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, Service> services_;  // Guarded by mutex_.
};

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/clock.h"
#include "store/store.h"

namespace driftguard::store {

struct HousekeeperOptions {
  std::chrono::milliseconds interval{10'000};
  // Buckets that began longer ago than this are merged, minutes and hours that ended longer ago
  // are summed; younger ones still get events.
  std::chrono::seconds settled_after{60};
  // Spent on missing sums each time: what is left waits for the next time.
  std::chrono::milliseconds sums_budget{2'000};
};

// Does a store's chores in the background, in small steps, at once and then again and again:
// forgets expired answers, merges the parts of settled buckets, makes sums. Store and clock must
// outlive it.
class Housekeeper final {
 public:
  // `report` hears of what failed; called on the housekeeper's thread.
  Housekeeper(Store& store, const Clock& clock, HousekeeperOptions options,
              std::function<void(const Error&)> report);
  ~Housekeeper();  // Waits for the step under way.

 private:
  void work();
  void do_chores();
  void make_sums(Time before);
  bool stopping();

  Store& store_;
  const Clock& clock_;
  const HousekeeperOptions options_;
  const std::function<void(const Error&)> report_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace driftguard::store

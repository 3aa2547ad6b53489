// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "notify/courier.h"
#include "store/chore.h"

namespace driftguard::notify {

// A courier, and a thread, for each target. figures() may be called from any thread, the rest by
// one.
class Couriers final {
 public:
  Couriers(const CourierSources& sources, std::vector<std::unique_ptr<Target>> targets);
  ~Couriers();  // Waits for messages under way, which end soon.

  // Once: from here on they deliver.
  void start(const CourierOptions& options);

  std::vector<CourierFigures> figures() const;

 private:
  const CourierSources sources_;
  std::vector<std::unique_ptr<Target>> targets_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Courier>> couriers_;  // Guarded by mutex_.
  std::vector<std::unique_ptr<store::Chore>> chores_;
};

}  // namespace driftguard::notify

// SPDX-License-Identifier: Apache-2.0
#include "notify/couriers.h"

namespace driftguard::notify {
namespace {

constexpr std::chrono::seconds kEvery{1};

}  // namespace

Couriers::Couriers(const CourierSources& sources, std::vector<std::unique_ptr<Target>> targets)
    : sources_(sources), targets_(std::move(targets)) {}

Couriers::~Couriers() { chores_.clear(); }

void Couriers::start(const CourierOptions& options) {
  const std::lock_guard lock(mutex_);
  CourierOptions each = options;
  for (std::unique_ptr<Target>& target : targets_) {
    ++each.seed;
    couriers_.push_back(std::make_unique<Courier>(sources_, std::move(target), each));
  }
  targets_.clear();
  for (const std::unique_ptr<Courier>& courier : couriers_) {
    chores_.push_back(std::make_unique<store::Chore>(
        kEvery, [courier = courier.get(), say = options.say,
                 said = std::string()](std::atomic<bool>& stop) mutable {
          const Result<void> done = courier->pass(stop);
          if (!done && done.error().detail != said && say) say(true, done.error().detail);
          said = done ? "" : done.error().detail;
        }));
  }
}

std::vector<CourierFigures> Couriers::figures() const {
  const std::lock_guard lock(mutex_);
  std::vector<CourierFigures> figures;
  for (const std::unique_ptr<Courier>& courier : couriers_) figures.push_back(courier->figures());
  return figures;
}

}  // namespace driftguard::notify

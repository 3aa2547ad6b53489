// SPDX-License-Identifier: Apache-2.0
#include "store/disk_watch.h"

#include <filesystem>
#include <utility>

namespace driftguard::store {
namespace {

constexpr std::chrono::minutes kSeenEvery{1};
constexpr std::chrono::minutes kSeenFor{60};
constexpr std::chrono::minutes kTrendNeeds{10};
constexpr double kEndMargin = 1.1;  // A warning ends a tenth above where it began.

}  // namespace

Result<DiskSpace> disk_space(const std::string& directory) {
  std::error_code failed;
  const auto space = std::filesystem::space(directory, failed);
  if (!failed) return DiskSpace{space.available, space.capacity};
  return Error{ErrorCode::kUnavailable, directory + ": " + failed.message() + "."};
}

DiskWatch::DiskWatch(const Clock& clock, DiskWatchOptions options, Measure measure, Notify notify)
    : clock_(clock), options_(options), measure_(std::move(measure)), notify_(std::move(notify)) {}

void DiskWatch::look() {
  const Result<DiskSpace> space = measure_();
  if (!space) {
    const std::lock_guard lock(mutex_);
    figures_.reset();
    return;
  }
  const Seen now{clock_.now(), space->free_bytes};
  if (!seen_.empty() && now.at < seen_.back().at) seen_.clear();  // The clock was set back.
  DiskFigures figures{.space = *space, .full_in = full_in(now), .warning = false};
  if (seen_.empty() || now.at - seen_.back().at >= kSeenEvery) seen_.push_back(now);
  while (now.at - seen_.front().at > kSeenFor) seen_.pop_front();
  const auto before = this->figures();
  const bool warned = before && before->warning;
  figures.warning = is_short(figures, warned ? kEndMargin : 1);
  {
    const std::lock_guard lock(mutex_);
    figures_ = figures;
  }
  if (figures.warning != warned) notify_(figures);
}

std::optional<std::chrono::seconds> DiskWatch::full_in(const Seen& now) const {
  if (seen_.empty()) return std::nullopt;
  const Seen& then = seen_.front();
  if (now.at - then.at < kTrendNeeds || now.free_bytes >= then.free_bytes) return std::nullopt;
  const double seconds = std::chrono::duration<double>(now.at - then.at).count();
  const double bytes_a_second = static_cast<double>(then.free_bytes - now.free_bytes) / seconds;
  const double left = static_cast<double>(now.free_bytes) / bytes_a_second;
  constexpr double kCenturySeconds = 3e9;
  if (left > kCenturySeconds) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(left));
}

bool DiskWatch::is_short(const DiskFigures& figures, double margin) const {
  if (figures.space.free_share() * 100 < options_.free_percent_min * margin) return true;
  if (!figures.full_in) return false;
  const auto least = std::chrono::duration<double>(options_.full_in_min) * margin;
  return *figures.full_in < least;
}

std::optional<DiskFigures> DiskWatch::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
// Warns before a disk is full, while there is time to do something about it.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"

namespace driftguard::store {

struct DiskSpace {
  std::uint64_t free_bytes = 0;  // For us, as unprivileged.
  std::uint64_t total_bytes = 0;

  double free_share() const {
    return total_bytes == 0 ? 0
                            : static_cast<double>(free_bytes) / static_cast<double>(total_bytes);
  }
};

// Of the disk that holds a directory. kUnavailable: the system does not say.
Result<DiskSpace> disk_space(const std::string& directory);

struct DiskFigures {
  DiskSpace space;
  // When it is full if it goes on as in the last hour; empty when it does not fill, or when less
  // than ten minutes have been seen.
  std::optional<std::chrono::seconds> full_in;
  bool warning = false;
};

struct DiskWatchOptions {
  int free_percent_min = 10;           // Less free is a warning,
  std::chrono::hours full_in_min{24};  // and so is being full sooner than this.
};

// Thread-safe. The clock must outlive it.
class DiskWatch final {
 public:
  using Measure = std::function<Result<DiskSpace>()>;
  using Notify = std::function<void(const DiskFigures&)>;

  // `notify` is called when a warning begins, and when it ends: a little above where it began.
  DiskWatch(const Clock& clock, DiskWatchOptions options, Measure measure, Notify notify);

  // Looks; called every few seconds, by one thread.
  void look();
  // As of the last look; empty before the first, or while the system says nothing.
  std::optional<DiskFigures> figures() const;

 private:
  struct Seen {
    Time at;
    std::uint64_t free_bytes;
  };

  std::optional<std::chrono::seconds> full_in(const Seen& now) const;
  bool is_short(const DiskFigures& figures, double margin) const;

  const Clock& clock_;
  const DiskWatchOptions options_;
  const Measure measure_;
  const Notify notify_;
  std::deque<Seen> seen_;  // One a minute for an hour; used by look() alone.
  mutable std::mutex mutex_;
  std::optional<DiskFigures> figures_;  // Guarded by mutex_.
};

}  // namespace driftguard::store

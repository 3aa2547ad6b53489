// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "baseline/baseline.h"
#include "baseline/feature_names.h"
#include "core/clock.h"
#include "core/result.h"
#include "store/store.h"
#include "window/window_reader.h"

namespace driftguard::baseline {

struct BaselineBookOptions {
  std::string pinned_path;  // Empty: the store's active version counts.
  SloTargets slo;           // Written into new baselines.
  // Hears of each version that was built, before it is activated. May be empty.
  std::function<void(const Baseline&)> built = {};
};

// What a list of versions shows.
struct BaselineInfo {
  int version = 0;
  std::string service;
  Time created_at;
  TimeRange range;
  std::uint64_t samples = 0;
  bool active = false;
};

using BaselinePtr = std::shared_ptr<const Baseline>;  // Null: there is none.

// The versions of every service's baseline. Thread-safe; what it refers to must outlive it.
class BaselineBook final {
 public:
  BaselineBook(store::Store& store, FeatureNames& names, window::WindowReader& windows,
               const Clock& clock, BaselineBookOptions options);

  // Builds the next version from the events in `range`, and activates it unless it is only to be
  // looked at first. kNotFound: no events.
  enum class AfterBuild { kActivate, kKeep };
  Result<BaselinePtr> build(const std::string& service, TimeRange range,
                            AfterBuild after = AfterBuild::kActivate);

  Result<std::vector<BaselineInfo>> list(const std::string& service);
  // kNotFound when there is no such version.
  Result<BaselinePtr> load(const std::string& service, int version);
  Result<void> activate(const std::string& service, int version);

  // What reports compare with: the pinned file if it is about this service, else the active
  // version, else null. A pinned file is read again when it changes; while it does not read, the
  // last good one stays (and pin_problem() says so).
  Result<BaselinePtr> active(const std::string& service);
  // Changes whenever active() would give another baseline; cheap. "" while there is none.
  Result<std::string> active_mark(const std::string& service);
  // What is wrong with the pinned file; empty when nothing is.
  std::string pin_problem();

 private:
  struct Pin {
    std::filesystem::file_time_type changed_at;
    std::uintmax_t size = 0;
    BaselinePtr baseline;
    std::string problem;
  };

  Result<int> active_version(const std::string& service);
  Result<int> store_next(Baseline& baseline);
  BaselinePtr pinned(const std::string& service);
  void refresh_pin();

  store::Store& store_;
  FeatureNames& names_;
  window::WindowReader& windows_;
  const Clock& clock_;
  const BaselineBookOptions options_;

  std::mutex mutex_;
  Pin pin_;                                                    // Guarded by mutex_.
  std::map<std::pair<std::string, int>, BaselinePtr> cached_;  // Guarded by mutex_.
};

// "db/baseline_<service>.json", with what a file name cannot hold replaced by '_'.
std::string default_path(const std::string& service);

}  // namespace driftguard::baseline

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "baseline/activations.h"
#include "baseline/baseline.h"
#include "baseline/choice.h"
#include "baseline/derived.h"
#include "baseline/exclusions.h"
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
  Exclusions* exclusions = nullptr;  // Null: nothing is left out. Must outlive the book.
  DerivedRules derived = {};
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

// The versions of every service's baseline. Thread-safe; what it refers to must outlive it.
class BaselineBook final {
 public:
  BaselineBook(store::Store& store, FeatureNames& names, window::WindowReader& windows,
               const Clock& clock, BaselineBookOptions options);

  // Builds the next version from the events in `range`, and activates it unless it is only to be
  // looked at first. Buckets that `excluded` touches are left out, and those that people excluded
  // from all baselines; not those under alarm, which may be the new normal. kNotFound: no events.
  enum class AfterBuild { kActivate, kKeep };
  Result<BaselinePtr> build(const std::string& service, TimeRange range,
                            AfterBuild after = AfterBuild::kActivate,
                            std::vector<TimeRange> excluded = {});
  // Stores what was made on the fly as the next version, and activates it.
  Result<BaselinePtr> keep(const Baseline& derived);

  Result<std::vector<BaselineInfo>> list(const std::string& service);
  // kNotFound when there is no such version.
  Result<BaselinePtr> load(const std::string& service, int version);
  Result<void> activate(const std::string& service, int version);
  // Activates what was active before (Activations::roll_back), and gives its version.
  Result<int> roll_back(const std::string& service) { return activations_.roll_back(service); }
  Activations& activations() { return activations_; }

  // What reports compare with: the pinned file if it is about this service, else the active
  // version, else null. A pinned file is read again when it changes; while it does not read, the
  // last good one stays (and pin_problem() says so).
  Result<BaselinePtr> active(const std::string& service);
  // Changes whenever active() would give another baseline; cheap. "" while there is none.
  Result<std::string> active_mark(const std::string& service);
  // What a question about the window `live` that names a choice compares with. kNotFound: there is
  // no such version.
  Result<Chosen> choose(const std::string& service, const BaselineChoice& choice, TimeRange live);
  // What is wrong with the pinned file; empty when nothing is.
  std::string pin_problem();

 private:
  struct Pin {
    std::filesystem::file_time_type changed_at;
    std::uintmax_t size = 0;
    BaselinePtr baseline;
    std::string problem;
  };

  Result<int> store_next(Baseline& baseline);
  Result<BaselinePtr> store_built(std::shared_ptr<Baseline> baseline, AfterBuild after);
  BaselinePtr pinned(const std::string& service);
  void refresh_pin();

  store::Store& store_;
  FeatureNames& names_;
  window::WindowReader& windows_;
  const Clock& clock_;
  const BaselineBookOptions options_;
  Activations activations_;
  DerivedBaselines derived_;

  std::mutex mutex_;
  Pin pin_;                                                    // Guarded by mutex_.
  std::map<std::pair<std::string, int>, BaselinePtr> cached_;  // Guarded by mutex_.
};

// "db/baseline_<service>.json", with what a file name cannot hold replaced by '_'.
std::string default_path(const std::string& service);

}  // namespace driftguard::baseline

// SPDX-License-Identifier: Apache-2.0
// Baselines that nobody builds: made on the fly from what is kept of the time before a window.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "baseline/baseline.h"
#include "baseline/exclusions.h"
#include "baseline/feature_names.h"
#include "core/clock.h"
#include "core/result.h"
#include "window/window_reader.h"

namespace driftguard::baseline {

struct DerivedRules {
  // Trailing: so long a stretch, which ends so long before the live window begins.
  std::chrono::hours trailing_window{24};
  std::chrono::minutes trailing_offset{60};
  // Seasonal: the hours of the week that the live window touches, in so many weeks before.
  int seasonal_weeks = 4;
  // A trailing baseline counts once there were events so long before its end.
  std::chrono::minutes warmup{120};
};
// A seasonal baseline counts once there were events in this many of its weeks, or in all of fewer.
inline constexpr int kSeasonalWeeksMin = 2;

// The stretch of a trailing baseline for a live window; it ends on a multiple of kTrailingStep,
// so that it stays the same for that long. Pure.
inline constexpr std::chrono::minutes kTrailingStep{10};
TimeRange trailing_stretch(TimeRange live, const DerivedRules& rules);
// The stretches of a seasonal one, the earliest first: whole hours. Weeks are those of UTC.
// kInvalidArgument: a window longer than a week. Pure.
Result<std::vector<TimeRange>> seasonal_stretches(TimeRange live, const DerivedRules& rules);

// A baseline to compare with, or why there is none yet.
struct Chosen {
  BaselinePtr baseline;  // Null: the reason says what is missing.
  std::string reason;
};

// Thread-safe; what it refers to must outlive it. Those made last are remembered for a minute:
// what changes in their past counts by then, a new exclusion at once.
class DerivedBaselines final {
 public:
  // `exclusions` may be null. `slo` is what the baselines promise.
  DerivedBaselines(FeatureNames& names, window::WindowReader& windows, Exclusions* exclusions,
                   const Clock& clock, const DerivedRules& rules, SloTargets slo)
      : names_(names),
        windows_(windows),
        exclusions_(exclusions),
        clock_(clock),
        rules_(rules),
        slo_(slo) {}

  // Without the buckets that people excluded or that were under alarm.
  Result<Chosen> trailing(const std::string& service, TimeRange live);
  Result<Chosen> seasonal(const std::string& service, TimeRange live);

 private:
  using Stretches = std::vector<TimeRange>;
  struct Known {
    Time made_at;
    Chosen chosen;
  };
  using Make = std::function<Result<Chosen>(const std::vector<Stretches>& kept)>;

  Result<Stretches> without_excluded(const std::string& service, TimeRange stretch);
  Result<Chosen> known(const std::string& service, Source source,
                       const std::vector<TimeRange>& stretches, const Make& make);
  Result<BaselinePtr> sum(const std::string& service, Source source,
                          const std::vector<window::Window>& parts, const Stretches& stretches);

  FeatureNames& names_;
  window::WindowReader& windows_;
  Exclusions* const exclusions_;
  const Clock& clock_;
  const DerivedRules rules_;
  const SloTargets slo_;

  std::mutex mutex_;
  std::map<std::string, Known> known_;  // By service and stretches. Guarded by mutex_.
};

}  // namespace driftguard::baseline

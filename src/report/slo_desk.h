// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "report/burn_rate.h"
#include "report/view_desk.h"
#include "report/volume.h"

namespace driftguard::report {

struct SloQuery {
  std::string service;  // Empty: the only one, or the configured one.
  std::optional<std::string> endpoint;
  std::optional<Time> at;  // Where all windows end; empty: now.
};

// How the promises of a service are kept, and whether as much traffic comes as usual.
struct SloView {
  Time generated_at;
  Time to;  // Where all windows end: the end of the bucket that holds the moment asked for.
  window::Segment segment;
  std::optional<BaselineRef> baseline;
  double latency_limit_ms = 0;
  SloStatus success_rate;
  SloStatus latency;
  VolumeStatus volume;

  Severity severity() const;  // Of both promises.
};
std::string to_json(const SloView& view);

// Makes such views from rollups. Thread-safe; what it refers to must outlive it.
class SloDesk final {
 public:
  SloDesk(const ViewSources& sources, const Config& config);

  // kInvalidArgument: no service named and several there.
  Result<SloView> make(const SloQuery& query);

 private:
  struct Counts;
  // Counts of what lies behind the windows but within the budget's period. It is most of what there
  // is to read, so it is remembered until it changes; for a while where that is not known.
  struct KnownPast {
    Time made_at;
    std::optional<std::uint64_t> changes;  // WindowReader::changes before it was read.
    TimeRange range;
    double limit_ms;
    SloCounts statuses;
    SloCounts latencies;
  };
  struct KnownProfile {
    std::pair<int, Time> baseline;  // Version and moment of creation: tell baselines apart.
    VolumeProfile profile;
  };

  Result<Counts> counts(const window::Segment& segment, Time to, double limit_ms);
  Result<KnownPast> stretch(const window::Segment& segment, TimeRange range, double limit_ms);
  Result<KnownPast> counted(const Result<window::Window>& window, double limit_ms) const;
  bool holds(const KnownPast& known) const;
  Result<KnownPast> past(const window::Segment& segment, TimeRange range, double limit_ms);
  static Result<std::uint64_t> events(const Result<window::Window>& window);
  Result<VolumeProfile> profile(const window::Segment& segment, const baseline::Baseline& baseline);
  Result<VolumeStatus> volume(const window::Segment& segment, Time to,
                              const baseline::Baseline* baseline);

  const ViewSources sources_;
  const Config config_;
  std::mutex mutex_;
  // By segment; of the baselines compared with last, and of the last asked for. Guarded by mutex_.
  std::map<std::pair<std::string, std::string>, KnownPast> pasts_;
  std::map<std::pair<std::string, std::string>, KnownProfile> profiles_;
};

}  // namespace driftguard::report

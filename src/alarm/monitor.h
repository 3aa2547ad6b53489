// SPDX-License-Identifier: Apache-2.0
// All watches of a service: learnt from a baseline's buckets, then fed each closed bucket.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alarm/reference.h"
#include "alarm/rules.h"
#include "alarm/watch.h"
#include "core/result.h"

namespace driftguard::alarm {

using References = std::vector<Reference>;

// Learns the references of a service from its baseline, bucket by bucket in order of time. The
// first tenth of the baseline's time (the pilot; all of it, if that holds fewer than 2,000 events)
// decides features, kinds, edges and categories; everything is counted in these.
// Holds the pilot's rollups at most. Not thread-safe.
class Learner final {
 public:
  // Pilots longer than that (of a baseline of four weeks) end there.
  static constexpr std::size_t kPilotBucketsMax = 24'192;
  static constexpr std::uint64_t kPilotEventsMin = 2'000;
  // Features watched of a service; further ones, in order of their pointers, are left out.
  static constexpr std::size_t kFeaturesMax = 200;

  // `range` is the baseline's, `names` gives features' names by pointer (others keep the pointer).
  Learner(TimeRange range, const Rules& rules, std::map<std::string, std::string> names = {});

  void add(Time bucket, std::span<const EndpointRollup> endpoints);
  // The references: of each feature the distribution, missing and mistyped; of each pair of the
  // features that rollups sample whether they go together; latency, and the promised rates. Leaves
  // an empty learner behind.
  References finish();

 private:
  struct Held {
    std::int64_t bucket;
    std::vector<std::pair<std::string, rollup::Rollup>> endpoints;
  };
  struct Course {
    WatchSpec spec;
    History history;
  };

  void end_pilot();
  void plan_feature(const std::string& pointer, const rollup::FeatureRollup& seen,
                    std::vector<std::string> endpoints);
  void plan_pairs(const std::vector<Halves>& features);
  void plan(std::string name, Layout layout, double weight);
  void count(std::int64_t bucket, std::span<const EndpointRollup> endpoints);

  TimeRange range_;
  Rules rules_;
  std::map<std::string, std::string> names_;
  std::vector<Held> pilot_;
  std::uint64_t pilot_events_ = 0;
  bool piloting_ = true;
  std::vector<Course> courses_;
};

// The references of a service that has no baseline: only its promised rates are watched.
References promises_only(const Rules& rules);

// What is known of one watch at a moment; the report shows it.
struct Alarm {
  std::string name;
  Subject subject = Subject::kNumbers;
  std::string pointer;                 // Of a feature's; else empty.
  std::vector<std::string> endpoints;  // Sorted: where the feature occurs. Empty: all.
  State state = State::kInsufficientData;
  Time since;
  double return_period_s = 0;  // By chance such evidence comes once in so many seconds at most.
  double share_of_threshold = 0;
  std::optional<Time> started;
  std::optional<Effect> effect;
  std::string effect_of;  // What its share is a share of: "values up to 120.5".
  double tolerance = 0;
  bool tolerance_learnt = false;
  Admission admission = Admission::kAdmitted;
  bool listed = false;  // By e-BH among the service's watches, at the promised rate.
  std::string reason;   // One sentence with its numbers.
};

// Watches of one service. A value; not thread-safe.
class Monitor final {
 public:
  Monitor(std::shared_ptr<const References> references, const Rules& rules);

  // Folds a closed bucket into every watch, exactly once: false, and nothing changes, if this or a
  // later one was folded before. Empty buckets may be left out or given.
  bool fold(Time bucket, std::span<const EndpointRollup> endpoints);

  // The firing state of the whole: the gravest of its watches.
  State state() const;
  // The evidence of one watch, 1 where it fires.
  double share_of_threshold(std::size_t watch) const;
  std::vector<Alarm> alarms() const;
  std::optional<Time> last_bucket() const;

  // Versioned, and with a checksum over all of it.
  std::string encode() const;
  // kCorrupt when the bytes are damaged, of an unknown version or of other references: the
  // watches then start anew.
  static Result<Monitor> decode(std::shared_ptr<const References> references, const Rules& rules,
                                std::string_view bytes);

  std::span<const Watch> watches() const { return watches_; }
  const References& references() const { return *references_; }

  friend bool operator==(const Monitor& a, const Monitor& b) { return a.watches_ == b.watches_; }

 private:
  std::shared_ptr<const References> references_;
  Rules rules_;
  std::vector<Watch> watches_;
};

// e-BH (Wang and Ramdas 2022): which of K e-values may be listed so that the expected share of
// false ones is at most `alpha`, whatever their dependence: the k largest, for the largest k whose
// k-th largest is >= K / (k alpha).
std::vector<bool> listed_by_e_bh(std::span<const double> e_values, double alpha);

}  // namespace driftguard::alarm

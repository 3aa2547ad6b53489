// SPDX-License-Identifier: Apache-2.0
// Where a drift is: what carries it, ranked. Pure functions; safe from any thread. docs/WHERE.md is
// the same for people.
//
// A check's *place* is where live values are more frequent than they were: ranges of numbers,
// categories that grew, answers that failed, events that lack a field. Let N live values be, M of
// the baseline, and of them in(s) and in0(s) be in the place and of the segment s. Then
//
//   excess(s) = in(s) / N - in0(s) / M,      share(s) = excess(s) / sum of excess over all segments
//
// The excess of all segments of a dimension adds up to what moved into the place, the difference of
// the two distributions there; so a share is the part of the drift that the segment carries. It is
// negative for a segment that went the other way, and includes what a segment carries by having
// more of the traffic. Without a baseline (the service level), in0(s) / M is n(s) / N times the
// share allowed.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "report/check_detail.h"
#include "report/gained.h"
#include "report/recent_rows.h"

namespace driftguard::report {

// Where live values are more frequent.
struct DriftPlace {
  enum class What { kNumbers, kCategories, kDuration, kStatus, kMissing, kType };

  What what = What::kNumbers;
  std::string subject;             // "amount", "status".
  std::string pointer;             // Of the values.
  bool numeric = false;            // The feature's kind; what kType is a mismatch of.
  std::vector<ValueRange> ranges;  // Of kNumbers and kDuration.
  std::set<std::string, std::less<>> categories;  // Of kCategories.
  bool outside = false;  // Everything but the above: of kStatus 2xx, of kMissing what is there.
  std::optional<double> allowed;  // Without a baseline: the share that may be there.

  std::string text() const;  // "amount 500 and more".
};

// Nothing if no place gained: too little differs, a side is empty, or it is the schema's check.
std::optional<DriftPlace> place_of(const Comparison& comparison, const Detail& detail);

// Values of one segment: in the place, of all. Not whole where sampled ones stand for others.
struct Portion {
  double in = 0;
  double of = 0;
};
struct Tally {
  Portion live;
  Portion baseline;
};

// Of a rollup. `could`: the events could have the feature (of kMissing).
stats::Proportion count_in(const rollup::Rollup& rollup, const DriftPlace& place, bool could);

// A part of a dimension.
struct WhereSegment {
  std::string name;
  std::optional<ValueRange> range;  // Of a range of values.
  double share = 0;                 // Of the drift.
  double live = 0;                  // Shares of the values (the traffic) that are of the segment...
  double baseline = 0;              // ...or, of ranges and categories, that are in it.
};

// What a statement was made from.
enum class WhereSource {
  kRollups,  // Counts of all events.
  kSample,   // The sample of rows in the rollups.
  kEvents,   // Raw events.
};
const char* source_name(WhereSource source);  // "rollups", "sample", "events".

// One way to cut the values into parts.
struct WhereDimension {
  enum class Kind { kRange, kCategory, kStatus, kEndpoint, kField, kHost, kFeature };

  Kind kind = Kind::kRange;
  std::string feature;  // Of kFeature: whose categories they are.
  WhereSource source = WhereSource::kRollups;
  std::vector<WhereSegment> segments;  // The largest share first; at most kSegmentsMax.
  std::size_t omitted = 0;             // With a share above zero, too.

  std::string name() const;  // "endpoint", "host", the feature's.
};
inline constexpr std::size_t kSegmentsMax = 10;
inline constexpr double kSegmentShareMin = 0.01;

// By the values themselves: ranges, categories, classes of status. Empty where there is none.
std::optional<WhereDimension> dimension_of_values(const Comparison& comparison,
                                                  const Detail& detail);

// How the excess is shared out among segments with these counts.
std::vector<WhereSegment> shared_out(const std::vector<std::pair<std::string, Tally>>& segments,
                                     const DriftPlace& place);

// Sorted, without those below kSegmentShareMin, cut.
WhereDimension ranked(WhereDimension dimension);

// One more thing that the drift's values have in common.
struct WhereCondition {
  std::string dimension;
  std::string value;
};

// The single events that one side was seen by: how many, and whether they are all there were.
struct WhereRead {
  WhereSource source = WhereSource::kEvents;
  RecentRowsEnd end{0, false};
};
struct WhereRows {
  WhereRead live;
  WhereRead baseline;
};

// The answer, and whom it is about.
struct Where {
  CheckDetail of;
  std::optional<DriftPlace> place;
  double moved = 0;  // The excess of all: a share of the live values.
  std::vector<WhereDimension> dimensions;
  std::optional<WhereRows> rows;  // Empty: single events say nothing.
  // The narrowest description that still carries most of it, and its share.
  std::vector<WhereCondition> conditions;
  std::optional<double> share;
  std::string sentence;
};
std::string to_json(const Where& where);

// "82 % of the shift comes from host client-7, currency EUR, amount 500 and more".
std::string sentence_of(const Where& where);

}  // namespace driftguard::report

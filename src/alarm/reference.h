// SPDX-License-Identifier: Apache-2.0
// What one watch holds live traffic against: the baseline's shares, what is tolerated around them,
// and the detector's components for all that is not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/detector.h"
#include "alarm/history.h"
#include "alarm/layout.h"
#include "alarm/null_set.h"
#include "alarm/rules.h"
#include "core/result.h"

namespace driftguard::alarm {

// Whether a baseline may serve as one.
enum class Admission : std::uint8_t {
  kAdmitted,
  kTooFewValues,  // Fewer than Rules::baseline_values_min.
  kUnsteady,      // Its half hours differ by more than Rules::tolerance_max.
  kDrifts,        // The detector, run over the baseline itself, alarms.
};

// Immutable once learnt; shared between threads.
struct Reference {
  std::string name;  // Of the watch: "amount", "amount_missing", "success_rate".
  Layout layout;
  double budget = 0;  // Its share of the service's false alarms; they add up to 1.
  std::uint64_t values = 0;
  std::vector<double> shares;  // Of the baseline, cell by cell; empty for a promised rate.
  NullSet null;
  double tolerance = 0;           // Of a share F: times 2 sqrt(F (1 - F)).
  bool tolerance_learnt = false;  // From enough blocks of the baseline.
  double overdispersion = 1;      // The largest of a component; 1 for independent events.
  Admission admission = Admission::kTooFewValues;
  Mixture mixture;

  // Evidence at which it fires: M of its own detector.
  double threshold(const Rules& rules) const { return rules.arl_buckets() / budget; }
  // Tells references apart: evidence gathered against another must not be continued.
  std::uint64_t fingerprint() const;
};

// Whose reference it is, and its part of the promises.
struct WatchSpec {
  std::string name;
  Layout layout;
  double budget = 0;  // Share of the false alarms, and of the limits' misses.
};

// Learns from a baseline's buckets, counted in the layout's cells:
// 1. limits of every share (Clopper and Pearson, Bonferroni over edges, counts divided by their
//    overdispersion): the baseline is a sample, and its luck must not be taken for the truth;
// 2. widened by the tolerance: wobble_factor standard deviations of the baseline's own wobble;
// 3. components against the null set within those limits, tempered by their overdispersion;
// 4. admission: a baseline that alarms on itself is none.
//
// That the edges come from a part of the same baseline keeps the limits valid: the share below the
// k-th of m values is Beta(k, m - k + 1), whose quantiles are Clopper and Pearson's limits.
Reference learn(WatchSpec spec, const History& history, const Rules& rules);

// A promised rate (kFailures, kSlow) needs no baseline; `history`, if it holds anything, tells the
// overdispersion.
Reference promise(WatchSpec spec, double bad_share_max, const History& history, const Rules& rules);

// References as bytes, to be kept: learning them anew takes the baseline's buckets. Components are
// not stored: they follow from shares and limits, and what tempers them is.
std::string encode(std::span<const Reference> references);
// kCorrupt when the bytes are damaged, or were written by a version with other components.
Result<std::vector<Reference>> decode_references(std::string_view bytes);

}  // namespace driftguard::alarm

// SPDX-License-Identifier: Apache-2.0
// A window and a baseline, feature by feature: what every check and every view begins with.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "baseline/baseline.h"
#include "core/config.h"
#include "report/check.h"
#include "window/window.h"

namespace driftguard::report {

// Gives the name of the feature at a pointer.
using NameOf = std::function<Result<std::string>(const std::string& pointer)>;

// How the feature at a pointer is declared, if it is.
using KindOf = std::function<std::optional<FeatureKind>(const std::string& pointer)>;

// How the check of the feature at a pointer is made.
using JudgingOf = std::function<Judging(const std::string& pointer, FeatureKind kind)>;

// One feature, both sides of it.
struct FeaturePair {
  std::string name;
  std::string pointer;
  FeatureKind kind = FeatureKind::kNumeric;
  Judging judging;  // Until told otherwise: KS of numeric, PSI of categorical features.
  FeatureSide live;
  FeatureSide baseline;
};

// One endpoint, both sides of it.
struct EndpointPair {
  std::string endpoint;  // Empty: the baseline does not tell endpoints apart, this is all of them.
  std::shared_ptr<const rollup::Rollup> live;
  std::shared_ptr<const rollup::Rollup> baseline;
};

// Immutable once made; safe to read from many threads. Holds on to the sums that the features'
// sides point into, so it may outlive window and baseline.
class Comparison final {
 public:
  // `baseline` null: there is none, and its side is empty. By host, live is compared with all
  // hosts' baseline.
  //
  // A feature's kind is the declared one, else what most of the baseline's values are, else what
  // most live values are; one that was only ever null, an object or an array is left out. An
  // endpoint's events count for a feature if the endpoint has it on either side: a feature that
  // vanished is missing from all of them.
  static Result<Comparison> of(const window::Window& live, const baseline::Baseline* baseline,
                               const window::Segment& segment, const NameOf& name_of,
                               const KindOf& kind_of);

  // Before it is shared.
  void judge_by(const JudgingOf& judging_of);

  bool has_baseline() const { return has_baseline_; }
  const rollup::Rollup& live() const { return *live_; }
  const rollup::Rollup& baseline() const { return *baseline_; }        // Empty if there is none.
  std::span<const FeaturePair> features() const { return features_; }  // By "<name>_<test>".

  // Those that are on both sides, by name. None without a baseline.
  std::span<const EndpointPair> endpoints() const { return endpoints_; }
  // Live endpoints that the baseline does not know.
  std::size_t new_endpoints() const { return new_endpoints_; }
  // The baseline counts events at every place. A pinned file may name some features only.
  bool baseline_is_whole() const { return baseline_is_whole_; }

 private:
  void sort();
  void pair_endpoints(const window::Window& live,
                      const std::map<std::string, std::shared_ptr<const rollup::Rollup>>& baseline);

  bool has_baseline_ = false;
  bool baseline_is_whole_ = false;
  std::size_t new_endpoints_ = 0;
  std::vector<EndpointPair> endpoints_;
  std::shared_ptr<const rollup::Rollup> live_;
  std::shared_ptr<const rollup::Rollup> baseline_;
  std::vector<FeaturePair> features_;
};

// "amount_ks", "currency_psi": the measure stands behind the name.
std::string check_name(const FeaturePair& feature);

}  // namespace driftguard::report

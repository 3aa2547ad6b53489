// SPDX-License-Identifier: Apache-2.0
// What a service's alarms hold live traffic against: learnt from its baseline once, then kept.
#pragma once

#include <memory>
#include <string>

#include "alarm/monitor.h"
#include "baseline/baseline.h"
#include "store/store.h"

namespace driftguard::alert {

// The rules of a service whose levels are these.
alarm::Rules rules_of(const baseline::SloTargets& slo);

// Tells apart what references were learnt from: the baseline (null: none) and the levels.
std::string identity_of(const baseline::Baseline* baseline, const baseline::SloTargets& slo);

struct LearntReferences {
  std::string identity;
  alarm::Rules rules;
  std::shared_ptr<const alarm::References> references;
};

// Thread-safe; the store must outlive it.
class ReferenceBook final {
 public:
  explicit ReferenceBook(store::Store& store) : store_(store) {}

  // Kept ones, or learnt now: from the buckets that the baseline was made of or, where these are
  // not (all) there any more, from its sums alone, which tell nothing of its wobble. A service
  // without a baseline has its promised levels watched. Learning reads the baseline's buckets: a
  // day of them takes a second or so. Errors: the store's.
  Result<LearntReferences> of(const std::string& service, const baseline::Baseline* baseline,
                              const baseline::SloTargets& slo);

 private:
  Result<alarm::References> learn(const std::string& service, const baseline::Baseline& baseline,
                                  const alarm::Rules& rules);

  store::Store& store_;
};

}  // namespace driftguard::alert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>

#include "report/look.h"
#include "report/row_table.h"
#include "report/where_events.h"
#include "report/where_samples.h"

namespace driftguard::report {

// Finds the single events by which a drift is told apart, and where they come from: few events are
// read whole; of more the rollups' own rows are taken, and where these say nothing, some of the raw
// events. Not thread-safe; what it refers to must outlive it.
class WhereRowReader final {
 public:
  WhereRowReader(store::Store& store, const Look& look, const WhereSides& sides,
                 const DriftPlace& place, const ingest::FeatureRules& rules);

  // Fills the table. Errors are the store's.
  Result<WhereRows> read();
  const RowTable& table() const { return table_; }

 private:
  std::optional<EventReader>& events_of(bool live) {
    return live ? live_events_ : baseline_events_;
  }
  Result<bool> take_side(const WhereSide& side, bool live, WhereRead* read);
  Result<void> read_some(bool of_live, bool of_baseline, WhereRows* read);

  const WhereSides& sides_;
  const std::set<std::string, std::less<>> endpoints_;
  RowTable table_;
  std::optional<EventReader> live_events_;
  std::optional<EventReader> baseline_events_;
};

}  // namespace driftguard::report

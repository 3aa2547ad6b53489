// SPDX-License-Identifier: Apache-2.0
// The rows that rollups keep of their events, as rows of one side of a drift: nothing is read from
// the store. Pure functions; safe from any thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "baseline/baseline.h"
#include "report/row_table.h"

namespace driftguard::report {

// One side, by endpoint and all of it; under "" where endpoints are not told apart.
struct WhereSide {
  baseline::EndpointRollups endpoints;
  const rollup::Rollup* total = nullptr;
};

struct WhereSides {
  WhereSide live;
  WhereSide baseline;
};

// Whether the rows tell the place's values, of nearly all events: those of before there were such
// rows do not, nor do they if the feature has no column.
bool rows_tell(const WhereSide& side, const DriftPlace& place);

// At most so many of one side; of more a further sample by hash.
inline constexpr std::size_t kSampledRowsMax = 16'000;

// Takes them into the table, each for as many events as it stands for. `endpoints`: those whose
// events could have the feature (of a place of kMissing).
void add_sampled_rows(const WhereSide& side, bool live,
                      const std::set<std::string, std::less<>>& endpoints, RowTable* table);

// What the rollups of one side count themselves.
SideCounts counts_of(const WhereSide& side, const std::set<std::string, std::less<>>& endpoints,
                     const RowTable& table);

}  // namespace driftguard::report

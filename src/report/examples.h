// SPDX-License-Identifier: Apache-2.0
// Raw events from where the drift is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ingest/feature_rules.h"
#include "report/check_detail.h"
#include "report/recent_rows.h"

namespace driftguard::report {

// Where live events are more frequent than in the baseline: one of its members is set.
struct Region {
  std::optional<double> above;
  std::optional<double> at_most;
  std::vector<std::string> categories;
  bool not_2xx = false;
};

inline constexpr std::size_t kRegionCategoriesMax = 20;

// For KS: above the baseline's 99th percentile if notably many live values are there (below the 1st
// alike), else beyond the largest gap. For PSI: the new categories and those that grew. For the
// success rate: a status outside 2xx. For the latency: above the target, or, if nothing is, above
// the live 95th percentile. Nothing if the sides do not differ, or one is empty.
std::optional<Region> region_of(const Detail& detail);

// "amount above 131.5".
std::string text_of(const Region& region, const Detail& detail);

// Where in an event the value stands that a check watches, as a JSON Pointer.
std::string pointer_of(const Detail& detail);

// An event of the region.
struct Example {
  Time ts;
  std::string endpoint;
  std::string value;  // As JSON.
  std::string event;  // As JSON; what rules redact reads "[redacted]".
};

struct ExamplesQuery {
  RecentRowsQuery rows;
  std::optional<std::string> host;
  std::size_t limit = 10;
  std::size_t bytes_max = 4u << 20;  // Of the events shown, but one is shown in any case.
};

struct FoundExamples {
  RecentRowsEnd end;
  std::vector<Example> examples;  // The latest first.
};

// The latest events of the region. Errors are the store's.
Result<FoundExamples> find_examples(store::Store& store, const ingest::FeatureRules& rules,
                                    const ExamplesQuery& query, const Region& region,
                                    const std::string& pointer);

// With whom it is about.
struct Examples {
  window::Segment segment;
  std::string check;
  TimeRange range;
  std::optional<Region> region;
  std::string region_text;
  FoundExamples found;
};
std::string to_json(const Examples& examples);

}  // namespace driftguard::report

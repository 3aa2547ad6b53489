// SPDX-License-Identifier: Apache-2.0
// Two segments against each other: a canary and what it is to replace, two hosts, two stretches.
#pragma once

#include <optional>
#include <string>

#include "report/contrast.h"
#include "report/report_desk.h"
#include "window/raw_window.h"

namespace driftguard::report {

// One side: a question as of a report, and a label.
struct CompareSide {
  ReportQuery query;
  std::optional<window::Label> label;
};

struct CompareQuery {
  CompareSide control;
  CompareSide candidate;
  ContrastRules rules;  // Of PSI, samples_min and categories_max the configured ones count.
};

// What a side turned out to be.
struct ComparedSide {
  window::Segment segment;
  std::optional<window::Label> label;
  TimeRange covers;
  std::uint64_t samples = 0;
};

struct Compared {
  ComparedSide control;
  ComparedSide candidate;
  Contrasts contrasts;
};

// Thread-safe; what it refers to must outlive it.
class CompareDesk final {
 public:
  CompareDesk(store::Store& store, window::WindowReader& windows, ReportDesk& desk,
              const ingest::FeatureRules& rules, const Config& config)
      : store_(store), windows_(windows), desk_(desk), rules_(rules), config_(config) {}

  // A side without host and label costs buckets; one with either reads raw events, at most
  // host_rows_max (kTooLarge). kInvalidArgument: both sides are the same, or as ReportDesk's.
  Result<Compared> make(const CompareQuery& query);

 private:
  Result<window::Window> read(const CompareSide& side, ComparedSide* found);

  store::Store& store_;
  window::WindowReader& windows_;
  ReportDesk& desk_;
  const ingest::FeatureRules& rules_;
  const Config& config_;
};

std::string to_json(const Compared& compared);
// "fail: payments_api: amount D 0.21 (0.12 to 0.30)": what a person needs to know.
std::string summary_of(const Compared& compared);

}  // namespace driftguard::report

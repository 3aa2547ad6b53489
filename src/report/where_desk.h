// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/view_desk.h"
#include "report/where.h"

namespace driftguard::report {

// Answers where a check's drift is. Ranges, categories and endpoints come from rollups, of all
// events; hosts and the categories of other features from raw events of both sides: of each of
// kStretches equal stretches of time the first, at most kWhereRowsMax in all. Thread-safe; what it
// refers to must outlive it.
class WhereDesk final {
 public:
  // Reading and parsing them is nearly all that an answer costs: some 5 us each.
  static constexpr std::size_t kWhereRowsMax = 3000;
  static constexpr int kStretches = 6;
  // Fewer raw events of the baseline than this stand for nothing: then every part is expected to
  // hold the baseline's share.
  static constexpr std::size_t kBaselineRowsMin = 50;
  static constexpr std::size_t kEndpointsMax = 500;  // The busiest.

  WhereDesk(const ViewSources& sources, const Config& config)
      : sources_(sources), config_(config) {}

  // Errors: those of ReportDesk::make(); kNotFound: there is no check of that name.
  Result<Where> where(const ReportQuery& query, const std::string& name);

 private:
  const ViewSources sources_;
  const Config config_;
};

}  // namespace driftguard::report

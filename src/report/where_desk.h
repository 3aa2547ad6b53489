// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/view_desk.h"
#include "report/where.h"

namespace driftguard::report {

// Answers where a check's drift is. Ranges, categories and endpoints come from rollups, of all
// events; hosts and the categories of other features from the rows that rollups keep of their
// events, brought to what the rollups count, or, where those are few or say nothing, from raw
// events (WhereRowReader). Thread-safe; what it refers to must outlive it.
class WhereDesk final {
 public:
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/view_desk.h"

namespace driftguard::report {

// One check looked into, with what it was made from.
struct Look {
  CheckDetail detail;
  window::Window live;
  baseline::BaselinePtr baseline;  // Null: there is none.
  Comparison comparison;
};

// Errors: those of ReportDesk::make(); kNotFound: there is no check of that name.
Result<Look> look_into(const ViewSources& sources, const Config& config, const ReportQuery& query,
                       const std::string& name, const DetailOptions& options);

}  // namespace driftguard::report

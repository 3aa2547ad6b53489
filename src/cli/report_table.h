// SPDX-License-Identifier: Apache-2.0
// A report as people read it, and as a gate answers. Pure functions of the contract's JSON, so
// that a report looks the same from a server and from the store.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/cli.h"
#include "core/result.h"

namespace driftguard::cli {

// Limits that a report may leave unsaid. Empty: not known here.
struct Thresholds {
  std::optional<double> ks_p_min;
  std::optional<double> psi_max;
};

// kInternal: not a report.
Result<nlohmann::ordered_json> parse_report(std::string_view json);

// What was compared, a row a check, and the status; several lines.
std::string report_table(const nlohmann::ordered_json& report, const Thresholds& thresholds);

// kNo when a check fails; else kTooLittle when nothing can be said: no events, no baseline, or no
// KS or PSI check with data on both sides (where there are such checks); else kDone.
ExitCode gate(const nlohmann::ordered_json& report);

// The same in one line, with the reason.
std::string gate_line(const nlohmann::ordered_json& report);

}  // namespace driftguard::cli

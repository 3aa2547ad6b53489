// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cli/access.h"
#include "cli/report_table.h"
#include "report/report_desk.h"

namespace driftguard::cli {

// --from and --to, which go together, as a range; empty when neither is given.
Result<std::optional<TimeRange>> range_of(const std::string& from, const std::string& to);

// The flags that `report` and `check` share, and what they ask for.
class ReportFlags final {
 public:
  void add_flags(CLI::App& verb);

  bool json() const { return json_; }
  // Asks the server or the store; the contract's JSON.
  Result<std::string> ask() const;
  // What the report may leave unsaid, where it is known.
  Thresholds thresholds() const;

 private:
  Result<report::ReportQuery> query() const;

  AccessFlags access_;
  report::ReportQuery query_;
  std::string endpoint_;
  std::string host_;
  std::string at_;
  std::string from_;
  std::string to_;
  std::string baseline_;
  bool json_ = false;
};

}  // namespace driftguard::cli

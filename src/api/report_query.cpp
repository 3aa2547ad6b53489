// SPDX-License-Identifier: Apache-2.0
#include "api/report_query.h"

#include "api/parameters.h"

namespace driftguard::api {
namespace {

constexpr int kWindowMinutesMax = 43'200;

}  // namespace

Result<report::ReportQuery> report_query(const http::Request& request) {
  report::ReportQuery query;
  query.service = text_parameter(request, "service");
  query.endpoint = optional_text(request, "endpoint");
  query.host = optional_text(request, "host");
  Result<std::optional<int>> minutes =
      int_parameter(request, "window_minutes", 1, kWindowMinutesMax);
  if (!minutes) return minutes.error();
  query.window_minutes = minutes->value_or(0);
  Result<std::optional<Time>> at = time_parameter(request, "at");
  if (!at) return at.error();
  query.at = *at;
  Result<std::optional<TimeRange>> range = range_parameters(request);
  if (!range) return range.error();
  query.range = *range;
  if (query.range && (*minutes || query.at)) {
    return Error{ErrorCode::kInvalidArgument,
                 "from and to stand instead of window_minutes and at, not beside them"};
  }
  if (const auto choice = optional_text(request, "baseline")) {
    Result<baseline::BaselineChoice> parsed = baseline::parse_choice(*choice);
    if (!parsed) return parsed.error();
    query.baseline = *parsed;
  }
  return query;
}

Result<report::ReportQuery> fixed_report_query(const http::Request& request) {
  Result<report::ReportQuery> query = report_query(request);
  if (query && query->baseline != baseline::BaselineChoice{}) {
    return Error{ErrorCode::kInvalidArgument,
                 "baseline: only reports, checks and examples can be asked against another one"};
  }
  return query;
}

}  // namespace driftguard::api

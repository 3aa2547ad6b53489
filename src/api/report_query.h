// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "http/message.h"
#include "report/report_desk.h"

namespace driftguard::api {

// What `service`, `endpoint`, `host` and the window's parameters (`window_minutes` and `at`, or
// `from` and `to`) ask about, and `baseline` compares with; every refusal names the parameter.
Result<report::ReportQuery> report_query(const http::Request& request);

// The same for what has no choice of baselines: kInvalidArgument for any but the fixed one.
Result<report::ReportQuery> fixed_report_query(const http::Request& request);

}  // namespace driftguard::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "report/compare_desk.h"

namespace driftguard::api {

// What the parameters ask for: those of a report are of both sides, and with `control_` or
// `candidate_` before their name of one; `control_label`, `candidate_label`, `looks`, `tolerance`
// and `rate_tolerance` are of a comparison. Every refusal names the parameter.
Result<report::CompareQuery> compare_query(const http::Request& request);

// GET  /v1/compare       one segment against another, with a verdict
// POST /v1/compare/gate  the same as a status: 200 where it may pass, else 412
// `desk` must outlive the router.
void add_compare_routes(http::Router& router, report::CompareDesk& desk);

}  // namespace driftguard::api

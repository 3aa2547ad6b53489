// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guard/guard_desk.h"
#include "http/router.h"

namespace driftguard::api {

// GET  /v1/guard                              allow (200) or deny (403), and why; out of memory
// any  /v1/guard/ext_authz/{service}/{path...}  the same for Envoy: the request it asks about
// GET  /v1/guard/services                     every service's policy and decision
// GET  /v1/guard/overrides                    overrides, those that are over too
// POST /v1/guard/overrides                    a new one
// POST /v1/guard/overrides/{id}/end           ends one before its time
// `desk` must outlive the router.
void add_guard_routes(http::Router& router, guard::GuardDesk& desk);

}  // namespace driftguard::api

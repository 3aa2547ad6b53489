// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "store/store.h"

namespace driftguard::api {

// GET /v1/services               every service with its endpoints
// GET /v1/events                 raw events as JSON lines, a page at a time, in order of time;
//                                the header Next-Cursor, if there, goes into `?cursor=`
// The store must outlive the router.
void add_event_routes(http::Router& router, store::Store& store);

}  // namespace driftguard::api

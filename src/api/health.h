// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/figures.h"
#include "http/router.h"
#include "store/disk_watch.h"
#include "store/store.h"

namespace driftguard::api {

// GET /health   the store answers; what people should know of meanwhile: a disk that fills
// GET /livez    the process answers
// GET /readyz   the store answers, and the server is not shutting down
// What is referred to must outlive the router. `disk` may be null.
void add_health_routes(http::Router& router, store::Store& store, const http::ServerFigures& server,
                       const store::DiskWatch* disk);

}  // namespace driftguard::api

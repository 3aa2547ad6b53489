// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/router.h"
#include "ingest/pipeline.h"

namespace driftguard::api {

// POST /v1/ingest. The pipeline must outlive the router.
void add_ingest_routes(http::Router& router, ingest::Pipeline& pipeline);

}  // namespace driftguard::api

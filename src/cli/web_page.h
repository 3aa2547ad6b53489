// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config.h"
#include "core/result.h"
#include "http/router.h"

namespace driftguard::cli {

// Makes `router` answer `/` with the dashboard: the files in the configured directory, else in
// `web` beside the program, else in `../share/driftguard/web`. Where there are none, `/` says in a
// line how to get them, and the API works all the same. An error only for a directory that is
// configured and does not hold the page.
Result<void> serve_page(const Config& config, http::Router& router);

}  // namespace driftguard::cli

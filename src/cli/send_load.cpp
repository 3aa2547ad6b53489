// SPDX-License-Identifier: Apache-2.0
#include "cli/send_load.h"

#include <fmt/format.h>

#include "cli/cli.h"
#include "load/load_summary.h"

namespace driftguard::cli {

int send_load(const load::LoadOptions& options, bool json) {
  load::LoadOptions there = options;
  while (there.url.ends_with('/')) there.url.pop_back();
  there.url += "/v1/ingest";
  const Result<load::LoadFigures> figures = load::run_load(there);
  if (!figures) return fail(figures.error());
  fmt::print("{}", json ? to_json(there, *figures) + "\n" : to_table(there, *figures));
  if (figures->errors == 0) return kDone;
  return fail({ErrorCode::kUnavailable, fmt::format("{} requests failed, the first with: {}",
                                                    figures->errors, figures->first_error)});
}

}  // namespace driftguard::cli

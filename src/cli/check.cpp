// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/report_flags.h"

namespace driftguard::cli {
namespace {

int check(const ReportFlags& flags) {
  Result<std::string> json = flags.ask();
  if (!json) return fail(json.error());
  Result<nlohmann::ordered_json> parsed = parse_report(*json);
  if (!parsed) return fail(parsed.error());
  fmt::print("{}\n", flags.json() ? *json : gate_line(*parsed));
  return gate(*parsed);
}

}  // namespace

void add_check(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<ReportFlags>();
  CLI::App* verb = program.add_subcommand("check", "Answer by exit code whether traffic drifted");
  verb->footer(
      "Exit codes: 0 ok, 1 a check fails, 2 failure, 3 not enough data to say (no events, no\n"
      "baseline, or too few samples for every comparison).\n"
      "Example: driftguard check --service payments_api --window-minutes 60 || echo drift");
  flags->add_flags(*verb);
  verb->callback([flags, &chosen] { chosen = [flags] { return check(*flags); }; });
}

}  // namespace driftguard::cli

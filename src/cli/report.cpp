// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/report_flags.h"

namespace driftguard::cli {
namespace {

int report(const ReportFlags& flags) {
  Result<std::string> json = flags.ask();
  if (!json) return fail(json.error());
  if (flags.json()) {
    fmt::print("{}\n", *json);
    return kDone;
  }
  Result<nlohmann::ordered_json> parsed = parse_report(*json);
  if (!parsed) return fail(parsed.error());
  fmt::print("{}", report_table(*parsed, flags.thresholds()));
  return kDone;
}

}  // namespace

void add_report(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<ReportFlags>();
  CLI::App* verb = program.add_subcommand("report", "Compare recent traffic with the baseline");
  verb->footer(
      "Exit code 0 whatever the verdict; 'driftguard check' answers by its exit code.\n"
      "Example: driftguard report --service payments_api --url http://127.0.0.1:8000");
  flags->add_flags(*verb);
  verb->callback([flags, &chosen] { chosen = [flags] { return report(*flags); }; });
}

}  // namespace driftguard::cli

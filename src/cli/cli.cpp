// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

namespace driftguard::cli {

void Settings::add_flags(CLI::App& verb) {
  verb.add_option("--config", file_, "settings file (default: ./driftguard.toml if there)")
      ->type_name("FILE");
  verb.add_option_function<std::string>(
          "--store", [this](const std::string& url) { set("database_url", url); },
          "rocksdb:DIR or postgresql://... (DATABASE_URL)")
      ->type_name("URL");
  verb.add_option_function<std::string>(
          "--log-level", [this](const std::string& level) { set("log_level", level); },
          "debug, info, warn or error")
      ->type_name("LEVEL");
  verb.add_option("--set", assignments_, "any setting of driftguard.toml, as KEY=VALUE")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

Result<Config> Settings::load() const {
  ConfigSources sources{file_, process_environment(), flags_};
  for (const std::string& assignment : assignments_) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("--set: \"{}\" is not KEY=VALUE", assignment)};
    }
    sources.flags.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return load_config(sources);
}

int fail(const Error& error) {
  fmt::print(stderr, "driftguard: {}\n", error.detail);
  return kFailed;
}

int run(int argc, char** argv) {
  CLI::App program{
      "driftguard watches live API and model traffic for drift: it remembers what normal was and\n"
      "says what changed, since when, how surely and where.",
      "driftguard"};
  program.set_version_flag("--version", std::string("driftguard ") + DRIFTGUARD_VERSION);
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 done, 1 the answer is no (drift), 2 usage, configuration or "
      "failure, 3 not enough data.\n'driftguard VERB --help' tells more.");
  Chosen chosen;
  add_serve(program, chosen);
  add_baseline(program, chosen);
  add_report(program, chosen);
  add_check(program, chosen);
  add_compare(program, chosen);
  add_guard(program, chosen);
  add_send(program, chosen);
  add_import(program, chosen);
  add_export(program, chosen);
  add_doctor(program, chosen);
  add_alert(program, chosen);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kDone : kFailed;
  }
  return chosen();
}

}  // namespace driftguard::cli

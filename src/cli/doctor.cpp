// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/access.h"
#include "cli/doctor_checks.h"
#include "cli/text_table.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DoctorFlags {
  AccessFlags access;
  bool json = false;
};

std::string_view word(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kWarn:
      return "warn";
    case Health::kFail:
      break;
  }
  return "fail";
}

Finding check_configuration(const Result<Config>& config) {
  if (!config) {
    return {"configuration", Health::kFail, config.error().detail, "correct it there"};
  }
  const Config defaults;
  const auto keys = config_keys();
  const auto changed = std::count_if(keys.begin(), keys.end(), [&](const ConfigKey& key) {
    return config_value(*config, key.name) != config_value(defaults, key.name);
  });
  return {"configuration", Health::kOk,
          fmt::format("{} of {} settings differ from their defaults", changed, keys.size()), ""};
}

std::vector<Finding> examine(const DoctorFlags& flags, const Result<Config>& config) {
  const SystemClock clock;
  std::vector<Finding> findings{check_configuration(config)};
  std::optional<Microseconds> server_ahead;
  if (!flags.access.url().empty()) {
    ServerSight server = check_server(flags.access.url(), clock);
    server_ahead = server.clock_ahead;
    findings.push_back(std::move(server.finding));
  }
  const Config settings = config ? *config : Config();
  if (config) findings.push_back(check_store(settings, flags.access.url(), clock));
  findings.push_back(check_clock(clock, server_ahead, settings));
  if (!config) return findings;
  findings.push_back(check_disk(settings, flags.access.url()));
  findings.push_back(check_retention(settings));
  findings.push_back(check_baseline_file(settings));
  findings.push_back(check_listen(settings));
  return findings;
}

void print_settings(const Config& config) {
  const Config defaults;
  TextTable settings({{"setting"}, {"value"}, {"default, where it differs"}});
  for (const ConfigKey& key : config_keys()) {
    const std::string value = config_value(config, key.name);
    const std::string usual = config_value(defaults, key.name);
    settings.add_row({std::string(key.name), value,
                      value == usual  ? ""
                      : usual.empty() ? "(none)"
                                      : usual});
  }
  fmt::print("{}\n", settings.text());
}

void print_findings(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    fmt::print("{:<4}  {}: {}\n", word(finding.health), finding.name, printable(finding.detail));
    if (!finding.advice.empty()) fmt::print("      -> {}\n", finding.advice);
  }
}

// `config`: null when it does not load.
void print_json(const Config* config, const std::vector<Finding>& findings, Health worst) {
  const Config defaults;
  Json json{{"status", word(worst)}, {"checks", Json::array()}, {"configuration", Json::object()}};
  for (const Finding& finding : findings) {
    json["checks"].push_back({{"name", finding.name},
                              {"status", word(finding.health)},
                              {"detail", finding.detail},
                              {"advice", finding.advice}});
  }
  for (const ConfigKey& key : config == nullptr ? std::span<const ConfigKey>() : config_keys()) {
    json["configuration"][std::string(key.name)] = {{"value", config_value(*config, key.name)},
                                                    {"default", config_value(defaults, key.name)},
                                                    {"environment", key.environment}};
  }
  fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

int doctor(const DoctorFlags& flags) {
  const Result<Config> config = flags.access.load();
  const std::vector<Finding> findings = examine(flags, config);
  Health worst = Health::kOk;
  for (const Finding& finding : findings) worst = std::max(worst, finding.health);
  if (flags.json) {
    print_json(config ? &*config : nullptr, findings, worst);
  } else {
    if (config) print_settings(*config);
    print_findings(findings);
  }
  return worst == Health::kFail ? kFailed : kDone;
}

}  // namespace

void add_doctor(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App* verb = program.add_subcommand("doctor", "Check configuration, store, clock and disk");
  verb->add_flag("--json", flags->json, "the findings as JSON");
  flags->access.add_flags(*verb);
  verb->footer(
      "Exit code 2 if something fails; warnings do not count.\n"
      "Example: driftguard doctor --url http://127.0.0.1:8000");
  verb->callback([flags, &chosen] { chosen = [flags] { return doctor(*flags); }; });
}

}  // namespace driftguard::cli

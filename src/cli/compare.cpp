// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/access.h"
#include "cli/cli.h"
#include "cli/text_table.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CompareFlags {
  AccessFlags access;
  std::map<std::string, std::string> parameters;  // Of GET /v1/compare.
  bool json = false;
  bool strict = false;  // Marginal is a no.
};

std::string figure(const Json& value, const char* format = "{:.4g}") {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : "-";
}

std::string interval(const Json& value) {
  if (!value.is_array() || value.size() != 2) return "-";
  return fmt::format("{:.3g} to {:.3g}", value[0].get<double>(), value[1].get<double>());
}

void print_table(const Json& answer) {
  TextTable table({{"contrast"},
                   {"verdict"},
                   {"difference", TextTable::Align::kRight},
                   {"interval"},
                   {"p adjusted", TextTable::Align::kRight},
                   {"control", TextTable::Align::kRight},
                   {"candidate", TextTable::Align::kRight},
                   {"n control", TextTable::Align::kRight},
                   {"n candidate", TextTable::Align::kRight}});
  for (const Json& one : answer.value("contrasts", Json::array())) {
    table.add_row({one.value("name", ""), one.value("verdict", ""), figure(one["difference"]),
                   interval(one["interval"]), figure(one["p_adjusted"], "{:.3g}"),
                   figure(one["control"]), figure(one["candidate"]), one["control_n"].dump(),
                   one["candidate_n"].dump()});
  }
  fmt::print("{}\n{}\n", table.text(), printable(answer.value("summary", "")));
}

int exit_of(const CompareFlags& flags, const std::string& verdict) {
  if (verdict == "not_enough_data") return kTooLittle;
  const bool passes = verdict == "pass" || (verdict == "marginal" && !flags.strict);
  return passes ? kDone : kNo;
}

int compare(const CompareFlags& flags) {
  Result<Config> config = flags.access.load();
  if (!config) return fail(config.error());
  Result<std::unique_ptr<Access>> access = flags.access.open(*config);
  if (!access) return fail(access.error());
  Result<std::string> answer = (*access)->compare(flags.parameters);
  if (!answer) return fail(answer.error());
  const Json json = Json::parse(*answer, nullptr, false);
  if (!json.is_object() || !json.contains("verdict")) {
    return fail({ErrorCode::kInternal, "the answer is not a comparison"});
  }
  if (flags.json) {
    fmt::print("{}\n", *answer);
  } else {
    print_table(json);
  }
  return exit_of(flags, json["verdict"].get<std::string>());
}

void add_parameter(CLI::App& verb, CompareFlags& flags, const std::string& name, const char* help,
                   const char* type) {
  std::string flag = "--" + name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  verb.add_option_function<std::string>(
          flag, [&flags, name](const std::string& value) { flags.parameters[name] = value; }, help)
      ->type_name(type);
}

}  // namespace

void add_compare(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<CompareFlags>();
  CLI::App* verb = program.add_subcommand("compare", "Compare a candidate with a control");
  add_parameter(*verb, *flags, "service", "of both sides", "S");
  add_parameter(*verb, *flags, "endpoint", "of both sides", "E");
  add_parameter(*verb, *flags, "window_minutes", "of both sides (default: 30)", "N");
  add_parameter(*verb, *flags, "at", "the windows' end, RFC 3339 (default: now)", "TIME");
  add_parameter(*verb, *flags, "from", "of both sides, with --to", "TIME");
  add_parameter(*verb, *flags, "to", "of both sides", "TIME");
  for (const std::string side : {"control_", "candidate_"}) {
    add_parameter(*verb, *flags, side + "label", "events with this value: /version=1.5",
                  "POINTER=VALUE");
    add_parameter(*verb, *flags, side + "host", "events of this host", "H");
    add_parameter(*verb, *flags, side + "endpoint", "events of this endpoint", "E");
    add_parameter(*verb, *flags, side + "service", "events of this service", "S");
    add_parameter(*verb, *flags, side + "from", "of this side", "TIME");
    add_parameter(*verb, *flags, side + "to", "of this side", "TIME");
  }
  add_parameter(*verb, *flags, "looks", "how often this rollout asks (default: 1)", "N");
  add_parameter(*verb, *flags, "tolerance",
                "a difference of distributions that is tolerated (0.05)", "SHARE");
  add_parameter(*verb, *flags, "rate_tolerance", "the same of failures and missing values (0.01)",
                "SHARE");
  verb->add_flag("--strict", flags->strict, "marginal is a no, too");
  verb->add_flag("--json", flags->json, "the answer as JSON");
  flags->access.add_flags(*verb);
  verb->footer(
      "Exit codes: 0 pass or marginal, 1 fail, 2 failure, 3 not enough data to say.\n"
      "Example: driftguard compare --service payments_api --control-label /version=1.4 \\\n"
      "           --candidate-label /version=1.5");
  verb->callback([flags, &chosen] { chosen = [flags] { return compare(*flags); }; });
}

}  // namespace driftguard::cli

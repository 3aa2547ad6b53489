// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "baseline/baseline_book.h"
#include "cli/access.h"
#include "cli/atomic_file.h"
#include "cli/cli.h"
#include "cli/report_flags.h"
#include "cli/text_table.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWindowMinutesMax = 43'200;
constexpr int kVersionMax = 1'000'000'000;

struct BaselineFlags {
  AccessFlags access;
  BuildOrder order;
  std::string from;
  std::string to;
  std::string out;
  std::string shown = "active";
  std::string promoted = "trailing";
  std::vector<std::string> excluded;
  int first = 0;
  int second = 0;
  bool json = false;
};

// Runs `work` on the server or the store.
template <typename Work>
int with_access(const BaselineFlags& flags, const Work& work) {
  Result<Config> config = flags.access.load();
  if (!config) return fail(config.error());
  Result<std::unique_ptr<Access>> access = flags.access.open(*config);
  if (!access) return fail(access.error());
  return work(**access, *config);
}

// Members of a baseline's file that tell which it is.
Json metadata(const Json& file) {
  Json json;
  for (const char* key : {"service", "version", "created_at", "from", "to", "samples"}) {
    json[key] = file.value(key, Json());
  }
  return json;
}

int write_built(const std::string& file, const std::string& path, bool as_json) {
  const Json parsed = Json::parse(file, nullptr, false);
  if (!parsed.is_object()) {
    return fail({ErrorCode::kInternal, "the answer is not a baseline"});
  }
  if (auto written = write_file(path, file, Durable::kYes); !written) {
    return fail({ErrorCode::kInternal,
                 fmt::format("the baseline is stored and active as version {}, but {}",
                             parsed.value("version", 0), written.error().detail)});
  }
  Json json = metadata(parsed);
  json["file"] = path;
  if (as_json) {
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("baseline {} of {}: {} events, active, written to {}\n", parsed.value("version", 0),
               printable(parsed.value("service", "")), parsed.value("samples", std::uint64_t{0}),
               path);
  }
  return kDone;
}

int build(BaselineFlags& flags) {
  Result<std::optional<TimeRange>> range = range_of(flags.from, flags.to);
  if (!range) return fail(range.error());
  flags.order.range = *range;
  for (const std::string& text : flags.excluded) {
    Result<TimeRange> one = parse_interval(text);
    if (!one) return fail({one.error().code, "--exclude: " + one.error().detail});
    flags.order.exclude.push_back(*one);
  }
  return with_access(flags, [&](Access& access, const Config& config) -> int {
    Result<std::string> file = access.build_baseline(flags.order);
    if (!file) {
      fail(file.error());
      return file.error().code == ErrorCode::kNotFound ? kTooLittle : kFailed;
    }
    std::string path = flags.out.empty() ? config.baseline_path : flags.out;
    const Json parsed = Json::parse(*file, nullptr, false);
    if (path.empty() && parsed.is_object()) {
      path = baseline::default_path(parsed.value("service", flags.order.service));
    }
    return write_built(*file, path, flags.json);
  });
}

std::string list_table(const Json& list) {
  using Align = TextTable::Align;
  TextTable table(
      {{"version", Align::kRight}, {""}, {"created"}, {"from"}, {"to"}, {"events", Align::kRight}});
  for (const Json& info : list) {
    table.add_row({fmt::to_string(info.value("version", 0)),
                   info.value("active", false) ? "active" : "", info.value("created_at", ""),
                   info.value("from", ""), info.value("to", ""),
                   fmt::to_string(info.value("samples", std::uint64_t{0}))});
  }
  return table.text();
}

int list(const BaselineFlags& flags) {
  return with_access(flags, [&](Access& access, const Config&) -> int {
    Result<std::string> answer = access.list_baselines(flags.order.service);
    if (!answer) return fail(answer.error());
    const Json json = Json::parse(*answer, nullptr, false);
    if (!json.is_object() || !json.contains("baselines")) {
      return fail({ErrorCode::kInternal, "the answer is not a list of baselines"});
    }
    if (flags.json) {
      fmt::print("{}\n", *answer);
    } else if (json["baselines"].empty()) {
      fmt::print("{} has no baseline yet\n", printable(json.value("service", "")));
    } else {
      fmt::print("{}", list_table(json["baselines"]));
    }
    return kDone;
  });
}

int show(const BaselineFlags& flags) {
  std::optional<int> version;
  if (flags.shown != "active") {
    int number = 0;
    if (!CLI::detail::lexical_cast(flags.shown, number) || number < 1) {
      return fail({ErrorCode::kInvalidArgument,
                   fmt::format("\"{}\" is neither a version number nor \"active\"", flags.shown)});
    }
    version = number;
  }
  return with_access(flags, [&](Access& access, const Config&) -> int {
    Result<std::string> file = access.show_baseline(flags.order.service, version);
    if (!file) return fail(file.error());
    fmt::print("{}{}", *file, file->ends_with('\n') ? "" : "\n");
    return kDone;
  });
}

// Says which version is active now.
int print_active(const Result<std::string>& answer, const BaselineFlags& flags) {
  if (!answer) {
    fail(answer.error());
    return answer.error().code == ErrorCode::kNotFound ? kTooLittle : kFailed;
  }
  const Json json = Json::parse(*answer, nullptr, false);
  if (flags.json || !json.is_object()) {
    fmt::print("{}\n", *answer);
  } else {
    fmt::print("baseline {} of {} is active\n", json.value("active", 0),
               printable(json.value("service", flags.order.service)));
  }
  return kDone;
}

int activate(const BaselineFlags& flags) {
  return with_access(flags, [&](Access& access, const Config&) -> int {
    Result<std::string> answer = access.activate_baseline(flags.order.service, flags.first);
    if (!answer) return fail(answer.error());
    return print_active(answer, flags);
  });
}

int promote(const BaselineFlags& flags) {
  Result<baseline::BaselineChoice> choice = baseline::parse_choice(flags.promoted);
  if (!choice) return fail(choice.error());
  return with_access(flags, [&](Access& access, const Config&) -> int {
    return print_active(access.promote_baseline(flags.order.service, *choice), flags);
  });
}

int roll_back(const BaselineFlags& flags) {
  return with_access(flags, [&](Access& access, const Config&) -> int {
    return print_active(access.roll_back_baseline(flags.order.service), flags);
  });
}

int diff(const BaselineFlags& flags) {
  return with_access(flags, [&](Access& access, const Config& config) -> int {
    Result<std::string> json =
        access.diff_baselines(flags.order.service, flags.first, flags.second);
    if (!json) return fail(json.error());
    if (flags.json) {
      fmt::print("{}\n", *json);
      return kDone;
    }
    Result<Json> report = parse_report(*json);
    if (!report) return fail(report.error());
    Thresholds thresholds;
    if (flags.access.url().empty()) thresholds = {config.ks_p_min, config.psi_max};
    fmt::print("{}", report_table(*report, thresholds));
    return kDone;
  });
}

using Flags = std::shared_ptr<BaselineFlags>;

CLI::App* add_part(CLI::App& verb, Chosen& chosen, const char* name, const char* help,
                   const Flags& flags, int (*run)(const BaselineFlags&)) {
  CLI::App* part = verb.add_subcommand(name, help);
  part->add_option("--service", flags->order.service, "the service (default: the only one)");
  flags->access.add_flags(*part);
  part->callback([flags, run, &chosen] { chosen = [flags, run] { return run(*flags); }; });
  return part;
}

void add_json(CLI::App& part, const Flags& flags) {
  part.add_flag("--json", flags->json, "the answer as JSON");
}

void add_build(CLI::App& verb, Chosen& chosen) {
  auto flags = std::make_shared<BaselineFlags>();
  CLI::App* part = verb.add_subcommand("build", "Make recent traffic the baseline");
  part->add_option("--service", flags->order.service, "the service")->required();
  auto* minutes = part->add_option("--window-minutes", flags->order.window_minutes,
                                   "how far back to look (default: 120)")
                      ->check(CLI::Range(1, kWindowMinutesMax))
                      ->type_name("N");
  auto* from = part->add_option("--from", flags->from, "the window, from ...")
                   ->type_name("TIME")
                   ->excludes(minutes);
  auto* to = part->add_option("--to", flags->to, "... to (RFC 3339)")->type_name("TIME");
  from->needs(to);
  to->needs(from);
  part->add_option("--exclude", flags->excluded,
                   "leave out what happened then; may be given several times")
      ->type_name("FROM/TO");
  part->add_option("--out", flags->out,
                   "where to write it (default: BASELINE_PATH, else db/baseline_<service>.json)")
      ->type_name("FILE");
  add_json(*part, flags);
  flags->access.add_flags(*part);
  part->footer(
      "Stores a new version, activates it and writes it as a file. Exit code 3: the window has no\n"
      "events.\n"
      "Example: driftguard baseline build --service payments_api --window-minutes 120");
  part->callback([flags, &chosen] { chosen = [flags] { return build(*flags); }; });
}

}  // namespace

void add_baseline(CLI::App& program, Chosen& chosen) {
  CLI::App* verb = program.add_subcommand("baseline", "Build, list, show and choose baselines");
  verb->require_subcommand(1);
  verb->footer(
      "'driftguard baseline PART --help' tells more.\n"
      "Example: driftguard baseline list --service payments_api");
  add_build(*verb, chosen);
  const auto version = [](CLI::App* part, const char* name, int& into, const char* help) {
    part->add_option(name, into, help)->required()->check(CLI::Range(1, kVersionMax));
  };

  auto flags = std::make_shared<BaselineFlags>();
  CLI::App* part = add_part(*verb, chosen, "list", "The versions of a service", flags, list);
  add_json(*part, flags);
  part->footer("Example: driftguard baseline list --service payments_api");

  flags = std::make_shared<BaselineFlags>();
  part = add_part(*verb, chosen, "show", "One version as its JSON file", flags, show);
  part->add_option("version", flags->shown, "a version, or 'active' (the default)");
  part->footer("Example: driftguard baseline show active --service payments_api > baseline.json");

  flags = std::make_shared<BaselineFlags>();
  part =
      add_part(*verb, chosen, "activate", "Compare with this version from now on", flags, activate);
  version(part, "version", flags->first, "the version");
  add_json(*part, flags);
  part->footer("Example: driftguard baseline activate 2 --service payments_api");

  flags = std::make_shared<BaselineFlags>();
  part = add_part(*verb, chosen, "promote", "Make another baseline the active version", flags,
                  promote);
  part->add_option("which", flags->promoted,
                   "'trailing' (the default) or 'seasonal', stored as a new version, or a version");
  add_json(*part, flags);
  part->footer(
      "Exit code 3: there is too little to it yet, or no such version.\n"
      "Example: driftguard baseline promote trailing --service payments_api");

  flags = std::make_shared<BaselineFlags>();
  part = add_part(*verb, chosen, "rollback", "Return to the version that was active before", flags,
                  roll_back);
  add_json(*part, flags);
  part->footer(
      "Exit code 3: none was active before.\n"
      "Example: driftguard baseline rollback --service payments_api");

  flags = std::make_shared<BaselineFlags>();
  part = add_part(*verb, chosen, "diff", "Compare a version with an earlier one", flags, diff);
  version(part, "from", flags->first, "the version that counts as the baseline");
  version(part, "to", flags->second, "the version that counts as live");
  add_json(*part, flags);
  part->footer("Example: driftguard baseline diff 1 2 --service payments_api");
}

}  // namespace driftguard::cli

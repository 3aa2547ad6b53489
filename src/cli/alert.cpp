// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "core/clock.h"
#include "notify/targets.h"

namespace driftguard::cli {
namespace {

using nlohmann::ordered_json;
using notify::Outcome;

struct TestFlags {
  Settings settings;
  std::string target;  // Empty: all.
  bool json = false;
};

using Targets = std::vector<std::unique_ptr<notify::Target>>;

Result<Targets> chosen_targets(const TestFlags& flags, const Config& config, const Clock& clock) {
  Result<Targets> targets = notify::make_targets(config, clock);
  if (!targets) return targets;
  if (targets->empty()) {
    return Error{ErrorCode::kNotFound,
                 "nobody is told of alarms: set SLACK_WEBHOOK_URL, DRIFTGUARD_ALERT_WEBHOOK_URL, "
                 "DRIFTGUARD_ALERTMANAGER_URL or DRIFTGUARD_ALERT_COMMAND"};
  }
  if (flags.target.empty()) return targets;
  std::string known;
  for (const auto& target : *targets) known += " " + target->name();
  std::erase_if(*targets, [&](const auto& target) { return target->name() != flags.target; });
  if (!targets->empty()) return targets;
  return Error{ErrorCode::kNotFound,
               fmt::format("--target: \"{}\" is not set; these are:{}", flags.target, known)};
}

std::string_view word_of(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::kDelivered:
      return "delivered";
    case Outcome::Kind::kRetry:
      return "not delivered";
    case Outcome::Kind::kRefused:
      return "refused";
  }
  return "";
}

int test(const TestFlags& flags) {
  Result<Config> config = flags.settings.load();
  if (!config) return fail(config.error());
  const SystemClock clock;
  Result<Targets> targets = chosen_targets(flags, *config, clock);
  if (!targets) return fail(targets.error());
  const std::atomic<bool> never = false;
  bool all = true;
  ordered_json list = ordered_json::array();
  for (const auto& target : *targets) {
    const Outcome outcome =
        target->send(notify::test_message(clock.now(), config->public_url), never);
    const bool delivered = outcome.kind == Outcome::Kind::kDelivered;
    all = all && delivered;
    if (flags.json) {
      list.push_back(
          {{"target", target->name()}, {"delivered", delivered}, {"detail", outcome.detail}});
    } else {
      fmt::print("{}: {} ({})\n", target->name(), word_of(outcome.kind), outcome.detail);
    }
  }
  if (flags.json) {
    fmt::print("{}\n", list.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  }
  return all ? kDone : kFailed;
}

}  // namespace

void add_alert(CLI::App& program, Chosen& chosen) {
  CLI::App* verb = program.add_subcommand("alert", "Try those who are told of alarms");
  verb->require_subcommand(1);
  auto flags = std::make_shared<TestFlags>();
  CLI::App* tested = verb->add_subcommand("test", "Send a test message and say what came back");
  tested->footer(
      "Exit codes: 0 every receiver took it, 2 one did not, or none is set.\n"
      "Example: driftguard alert test --target slack");
  flags->settings.add_flags(*tested);
  tested->add_option("--target", flags->target, "slack, webhook, alertmanager or command; else all")
      ->type_name("NAME");
  tested->add_flag("--json", flags->json, "the answer as JSON");
  tested->callback([flags, &chosen] { chosen = [flags] { return test(*flags); }; });
}

}  // namespace driftguard::cli

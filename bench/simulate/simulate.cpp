// SPDX-License-Identifier: Apache-2.0
// simulate: traffic with a known truth against the alarms; tables in Markdown on stdout. Exit code
// 1 when a bar is broken.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <thread>

#include "simulate/tables.h"

namespace {

using namespace driftguard::simulate;

void take(Outcome part, Outcome* all) {
  for (Table& table : part.tables) {
    fmt::print("{}", to_markdown(table));
    std::fflush(stdout);
    all->tables.push_back(std::move(table));
  }
  for (Bar& bar : part.bars) all->bars.push_back(std::move(bar));
}

int judge(const std::vector<Bar>& bars) {
  int broken = 0;
  for (const Bar& bar : bars) {
    if (bar.met()) continue;
    ++broken;
    fmt::print(stderr, "BROKEN: {}: {:g}, at most {:g}\n", bar.what, bar.figure, bar.limit);
  }
  fmt::print("{} of {} bars kept.\n", bars.size() - static_cast<std::size_t>(broken), bars.size());
  return broken == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  plan.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::string> parts = {"delays", "small-print", "day", "false-alarms"};
  CLI::App app{"Traffic with a known truth against the alarms"};
  app.add_option("parts", parts, "delays, small-print, day, false-alarms")
      ->check(CLI::IsMember({"delays", "small-print", "day", "false-alarms"}));
  app.add_flag("--short", plan.is_short, "a few replicates, under a minute");
  app.add_option("--seed", plan.seed)->capture_default_str();
  app.add_option("--threads", plan.threads)->capture_default_str()->check(CLI::Range(1, 256));
  app.add_option("--scale", plan.scale, "times so many replicates")->capture_default_str();
  app.add_option("--match", plan.match, "only the steady traffic whose name contains it");
  CLI11_PARSE(app, argc, argv);

  const auto began = std::chrono::steady_clock::now();
  Outcome all;
  for (const std::string& part : parts) {
    if (part == "delays") take(delays(plan), &all);
    if (part == "small-print") take(small_print(plan), &all);
    if (part == "day") take(day(plan), &all);
    if (part == "false-alarms") take(false_alarms(plan), &all);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print(stderr, "{:.0f} s on {} threads, seed {}\n", took.count(), plan.threads, plan.seed);
  return judge(all.bars);
}

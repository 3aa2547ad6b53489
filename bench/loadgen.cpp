// SPDX-License-Identifier: Apache-2.0
// loadgen: what `driftguard send --bench` does, with the flags that only measurements need: GETs,
// exact numbers of requests, events spread over the past, wide traffic. Prints JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "load/load.h"
#include "load/load_summary.h"

namespace {

using driftguard::load::LoadOptions;

void add_flags(CLI::App& program, LoadOptions& options) {
  program.add_option("--url", options.url, "http://HOST:PORT[/PATH]; the path is /v1/ingest")
      ->required();
  program.add_flag("--get", options.get, "GET the URL instead of posting events");
  program.add_option("--connections", options.connections, "4");
  program.add_option("--batch", options.batch, "events a request: 1000; with --get 1");
  program.add_option("--seconds", options.seconds, "how long to measure: 10");
  program.add_option("--warmup", options.warmup_seconds, "seconds before that: 1");
  program.add_option("--requests", options.requests,
                     "exactly so many, without warm-up or end of time");
  program.add_option("--rate", options.rate,
                     "events a second; latencies then count from when a request should have\n"
                     "left (default: as fast as it goes)");
  program.add_option("--span-seconds", options.span_seconds,
                     "spread the events' times over so many seconds before the start\n"
                     "(default: they have just happened)");
  program.add_option("--seed", options.traffic.seed, "of the random numbers: 1");
  program.add_option("--services", options.traffic.services, "1");
  program.add_option("--endpoints", options.traffic.endpoints, "of each service: 1");
  program.add_option("--features", options.traffic.features, "of each event: 4");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Loads an HTTP server and prints events/s and latencies as JSON.", "loadgen"};
  program.footer("Exit codes: 0 done, 1 some requests failed, 2 usage, or no server.");
  LoadOptions options;
  add_flags(program, options);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  if (options.get) options.batch = 1;
  const auto figures = driftguard::load::run_load(options);
  if (!figures) {
    fmt::print(stderr, "loadgen: {}\n", figures.error().detail);
    return 2;
  }
  fmt::print("{}\n", to_json(options, *figures));
  return figures->errors > 0 ? 1 : 0;
}

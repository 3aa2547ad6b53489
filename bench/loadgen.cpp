// SPDX-License-Identifier: Apache-2.0
// loadgen: sends payments to POST /v1/ingest, or GETs a page, and prints what it saw as JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "load.h"

namespace {

using driftguard::bench::Latencies;
using driftguard::bench::LoadFigures;
using driftguard::bench::LoadOptions;

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
  program.add_option("--seed", options.seed, "of the random numbers: 1");
}

double ms(std::int64_t us) { return static_cast<double>(us) / 1000; }

nlohmann::ordered_json to_json(const LoadOptions& options, const LoadFigures& figures) {
  const double seconds = std::max(figures.seconds, 1e-9);
  const Latencies& latencies = figures.latencies;
  return {{"connections", options.connections},
          {"batch", options.batch},
          {"rate", options.rate},
          {"seconds", figures.seconds},
          {"requests", figures.requests},
          {"errors", figures.errors},
          {"first_error", figures.first_error},
          {"requests_per_s", static_cast<double>(figures.requests) / seconds},
          {"events_per_s", static_cast<double>(figures.events) / seconds},
          {"events_taken", figures.events_taken},
          {"request_bytes", figures.request_bytes},
          {"p50_ms", ms(latencies.quantile_us(0.50))},
          {"p90_ms", ms(latencies.quantile_us(0.90))},
          {"p99_ms", ms(latencies.quantile_us(0.99))},
          {"max_ms", ms(latencies.max_us())},
          {"client_cpus", figures.client_cpus}};
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
  const auto figures = driftguard::bench::run_load(options);
  if (!figures) {
    fmt::print(stderr, "loadgen: {}\n", figures.error().detail);
    return 2;
  }
  using Json = nlohmann::ordered_json;
  fmt::print("{}\n",
             to_json(options, *figures).dump(-1, ' ', false, Json::error_handler_t::replace));
  return figures->errors > 0 ? 1 : 0;
}

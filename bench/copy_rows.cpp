// SPDX-License-Identifier: Apache-2.0
// copy_rows: prints loadgen's payments as COPY's text, for `psql \copy observations_raw (ts,
// service, endpoint, host, payload) FROM ...`: what PostgreSQL takes by itself.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string>

#include "load/traffic.h"

namespace load = driftguard::load;
using driftguard::Microseconds;
using driftguard::Time;

int main(int argc, char** argv) {
  CLI::App program{"Prints payments as lines for PostgreSQL's COPY.", "copy_rows"};
  std::int64_t rows = 300'000;
  program.add_option("--rows", rows, "300000")->check(CLI::Range(1.0, 1e8));
  CLI11_PARSE(program, argc, argv);

  constexpr Microseconds kStep{1500};
  const Time end = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  load::Traffic traffic({.seed = 1});
  for (std::int64_t i = 0; i < rows; ++i) {
    const load::Payment payment = traffic.next();
    const Time ts = std::chrono::floor<std::chrono::milliseconds>(end - kStep * (rows - i));
    std::string payload;  // Nothing in it needs COPY's escapes.
    append_json(payload, payment, ts);
    fmt::print("{}\t{}\t{}\t{}\t{}\n", driftguard::format_rfc3339(ts), load::kService,
               load::kEndpoint, payment.host, payload);
  }
  return std::ferror(stdout) != 0 ? 2 : 0;
}

// SPDX-License-Identifier: Apache-2.0
// append_limit: how fast a file takes the same events, durably: one write and one fdatasync a
// batch. Nothing that keeps its promise can be faster, whatever engine it has.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "load/traffic.h"

namespace {

namespace load = driftguard::load;

constexpr std::size_t kBodies = 16;  // Prepared, then used in turn.

struct Limit {
  std::string file;
  std::uint64_t rows = 1'000'000;
  std::uint64_t batch = 1000;
};

std::vector<std::string> make_bodies(std::uint64_t batch) {
  load::Traffic traffic({.seed = 1});
  const driftguard::Time now =
      std::chrono::floor<driftguard::Microseconds>(std::chrono::system_clock::now());
  std::vector<std::string> bodies(kBodies);
  for (std::string& body : bodies) {
    for (std::uint64_t i = 0; i < batch; ++i) append_json(body, traffic.next(), now);
  }
  return bodies;
}

// Whether all of it is on the disk.
bool append(int fd, const std::string& body) {
  for (std::size_t at = 0; at < body.size();) {
    const ssize_t n = ::write(fd, body.data() + at, body.size() - at);
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return ::fdatasync(fd) == 0;
}

int measure(const Limit& limit) {
  const std::vector<std::string> bodies = make_bodies(limit.batch);
  const int fd = ::open(limit.file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  bool good = fd >= 0;
  const std::uint64_t batches = (limit.rows + limit.batch - 1) / limit.batch;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < batches && good; ++i) good = append(fd, bodies[i % kBodies]);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (!good) {
    fmt::print(stderr, "append_limit: {}: {}\n", limit.file, std::strerror(errno));
    return 2;
  }
  ::close(fd);
  const auto rows = static_cast<double>(batches * limit.batch);
  fmt::print(R"({{"rows": {:.0f}, "batch": {}, "seconds": {:.3f}, "events_per_s": {:.1f}}})"
             "\n",
             rows, limit.batch, taken.count(), rows / taken.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Measures durable appends to a file; prints JSON.", "append_limit"};
  Limit limit;
  program.add_option("--file", limit.file, "made anew; it must not exist")->required();
  program.add_option("--rows", limit.rows, "1000000")->check(CLI::Range(1.0, 1e8));
  program.add_option("--batch", limit.batch, "events a write: 1000")->check(CLI::Range(1.0, 1e5));
  CLI11_PARSE(program, argc, argv);
  return measure(limit);
}

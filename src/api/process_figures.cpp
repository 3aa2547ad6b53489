// SPDX-License-Identifier: Apache-2.0
#include "api/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace driftguard::api {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ProcessFigures read_process_figures() {
  ProcessFigures figures;
  double pages_total = 0;
  double pages_resident = 0;
  std::ifstream("/proc/self/statm") >> pages_total >> pages_resident;
  figures.resident_bytes = pages_resident * static_cast<double>(sysconf(_SC_PAGESIZE));
  std::error_code ignored;
  const std::filesystem::directory_iterator fds("/proc/self/fd", ignored);
  if (!ignored) figures.open_fds = static_cast<double>(std::distance(begin(fds), end(fds)));
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return figures;
}

}  // namespace driftguard::api

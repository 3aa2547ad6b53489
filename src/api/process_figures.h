// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace driftguard::api {

// What the kernel says of this process; zero where it does not say.
struct ProcessFigures {
  double resident_bytes = 0;
  double open_fds = 0;
  double cpu_seconds = 0;
};
ProcessFigures read_process_figures();

}  // namespace driftguard::api

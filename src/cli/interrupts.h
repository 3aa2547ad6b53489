// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <csignal>

namespace driftguard::cli {

// SIGINT and SIGTERM as something that can be asked for, and waited for beside a file. Made before
// other threads, so that they inherit it. seen() may be called from any thread.
class Interrupts final {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether one has arrived.
  bool seen() const;
  // From here on the next one ends the process; for the thread that made this.
  void release();
  // Readable from the first signal on, until release().
  int fd() const { return fd_; }

 private:
  sigset_t set_{};
  int fd_ = -1;
  std::atomic<bool> released_ = false;  // After one had been seen.
};

}  // namespace driftguard::cli

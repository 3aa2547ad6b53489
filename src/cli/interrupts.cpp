// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupts.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace driftguard::cli {

Interrupts::Interrupts() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  fd_ = ::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
}

Interrupts::~Interrupts() {
  if (fd_ >= 0) ::close(fd_);
}

// The signal stays pending, so that everybody sees it.
bool Interrupts::seen() const {
  pollfd wait{fd_, POLLIN, 0};
  return released_ || ::poll(&wait, 1, 0) > 0;
}

void Interrupts::release() {
  released_ = seen();
  signalfd_siginfo taken;
  while (::read(fd_, &taken, sizeof taken) > 0) {
  }
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "cli/cli.h"

namespace {

// Blocks of at least this many bytes go back to the system when they are freed.
constexpr int kReturnedBytesMin = 2 << 20;

}  // namespace

int main(int argc, char** argv) {
  // Left alone, glibc raises this to 32 MiB, and what a few large bodies took is never given back.
  mallopt(M_MMAP_THRESHOLD, kReturnedBytesMin);
  return driftguard::cli::run(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "cli/cli.h"

namespace {

// Blocks of at least this many bytes go back to the system when they are freed.
constexpr int kReturnedBytesMin = 2 << 20;
// Smaller ones stay, up to so much at the end of each of glibc's arenas: a report needs them again.
constexpr int kKeptBytesMax = 8 << 20;
constexpr int kArenas = 4;

}  // namespace

int main(int argc, char** argv) {
  // Left alone, glibc raises this to 32 MiB, and what a few large bodies took is never given back.
  mallopt(M_MMAP_THRESHOLD, kReturnedBytesMin);
  mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
  mallopt(M_ARENA_MAX, kArenas);
  return driftguard::cli::run(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/access.h"
#include "cli/chunk_reader.h"
#include "cli/import_state.h"

namespace driftguard::cli {

// What is imported where.
struct ImportSource {
  std::string path;        // As the user wrote it; "-" is standard input.
  std::string file;        // Absolute.
  std::string target;      // For the state: which store.
  std::string state_path;  // Empty: nothing is kept.
  std::size_t batch = 1000;
  bool again = false;
  int stop_fd = -1;

  std::string name() const { return path == "-" ? "standard input" : path; }
};

// A file, read up to where its import goes on, and its state there.
struct ImportStart {
  ChunkReader chunks;
  ImportState state;
  std::vector<std::string> notes;  // What the user should know about where it begins.
};

// Finds out where to go on: at the first line if nothing is known of the file and target, or with
// `again`, or when the store is known to be another one; else behind what was imported.
//
// kConflict: something was imported, but the file or the store has changed since, so that going on
// could leave out events or store some twice. Errors of the file and of `access` besides.
Result<ImportStart> start_import(const ImportSource& source, Access& access);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
// How far the import of a file has come: what makes an import that was cut off go on, not begin
// again. Kept in $XDG_STATE_HOME/driftguard, a small JSON file for each file and target.
//
// The store itself remembers a chunk's Idempotency-Key for idempotency_hours, so a chunk that was
// stored in the moment of a kill, before it was noted here, is not stored twice either.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/chunk_reader.h"
#include "core/result.h"
#include "core/time.h"

namespace driftguard::cli {

// An event that was imported: a store that does not hold it is not the one imported into.
struct Witness {
  std::string service;
  std::string endpoint;
  Time ts;
};

struct ImportState {
  std::string file;    // Absolute.
  std::string target;  // The server's URL, or the store's.
  std::string run;     // Part of every key: a file imported again is another delivery.
  std::size_t batch = 0;
  std::uint64_t lines = 0;   // The first `lines` lines are done,
  std::uint64_t digest = 0;  // and this is their digest.
  std::uint64_t first_chunk_lines = 0;
  std::uint64_t first_chunk_digest = 0;
  std::set<std::string> ahead;  // Keys of chunks behind `lines` that are done too.
  std::uint64_t events = 0;
  std::uint64_t rejected = 0;
  bool complete = false;
  std::optional<Witness> witness;
};

std::string to_json(const ImportState& state);
Result<ImportState> import_state_from_json(const std::string& text);  // kCorrupt

// The directory of states, by the environment's XDG_STATE_HOME or HOME; empty when there is none.
std::string import_state_directory(
    const std::vector<std::pair<std::string, std::string>>& environment);
// The file of one state in the directory.
std::string import_state_path(const std::string& directory, const std::string& file,
                              const std::string& target);

// kNotFound: nothing was imported from this file into this target.
Result<ImportState> load_import_state(const std::string& path);

// Fields of an event that is the chunk's last valid one; empty when none reads.
std::optional<Witness> witness_of(const Chunk& chunk);

// A chunk's Idempotency-Key: what is sent, where it stands and in which run.
std::string chunk_key(const std::string& run, std::uint64_t first_line, const std::string& body);

// Notes which chunks are done, in whatever order that happens. Thread-safe.
class ImportLedger final {
 public:
  explicit ImportLedger(ImportState state) : state_(std::move(state)) {}

  // A chunk was taken from the file; chunks come in their order.
  void taken(const Chunk& chunk, const std::string& key);
  // Whether it was done in an earlier run.
  bool done_before(const std::string& key) const;
  // The chunk that begins at this line is stored.
  void done(std::uint64_t first_line, std::uint64_t events, std::uint64_t rejected);
  void complete();

  ImportState state() const;

 private:
  struct Pending {
    std::string key;
    std::uint64_t last_line = 0;
    std::uint64_t digest = 0;
    std::optional<Witness> witness;
    bool done = false;
  };

  mutable std::mutex mutex_;
  ImportState state_;                         // Guarded by mutex_.
  std::map<std::uint64_t, Pending> pending_;  // By first line. Guarded by mutex_.
};

}  // namespace driftguard::cli

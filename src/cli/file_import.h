// SPDX-License-Identifier: Apache-2.0
// The import of one file: chunks in order to a sink, several under way, each noted when it is
// stored.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cli/bad_lines.h"
#include "cli/batch_sink.h"
#include "cli/import_resume.h"
#include "cli/import_state.h"
#include "cli/interrupts.h"
#include "cli/progress_bar.h"

namespace driftguard::cli {

struct FileImportOptions {
  bool skip_invalid = false;
  ProgressStyle progress;
};

struct FileImportResult {
  std::uint64_t events = 0;         // Stored, by this run and those it went on from.
  std::uint64_t rejected = 0;       // Lines passed over, likewise.
  std::uint64_t resumed_after = 0;  // Lines that were done already.
  bool nothing_new = false;         // All of the file was done already.
};

// Used once, by one thread; what it refers to must outlive it.
class FileImport final {
 public:
  FileImport(const ImportSource& source, ImportStart start, BatchSink& sink, Interrupts& interrupts,
             const FileImportOptions& options);

  // kInvalidArgument names the line that is wrong: nothing of its chunk or behind it is stored.
  // Whatever the error, what is stored is noted, and the import can be started again.
  Result<FileImportResult> run();

 private:
  // A chunk on its way, perhaps without the lines that are no JSON.
  struct Parcel {
    Chunk chunk;
    std::uint64_t first_line = 0;  // Of the chunk as it was read.
    std::uint64_t left_out = 0;
  };
  using ParcelPtr = std::shared_ptr<const Parcel>;
  struct Failure {
    ParcelPtr parcel;
    BatchAnswer answer;
  };

  Result<void> send_all();
  Result<bool> send_next();
  bool may_go_on();
  bool send_again();
  void send(ParcelPtr parcel);
  void repair(const Parcel& broken);
  void answered(const ParcelPtr& parcel, BatchAnswer answer);
  void stored(const Parcel& parcel, const BatchAnswer& answer);
  void tell();
  void save(bool now);
  Error error_of(const Failure& failure);
  Error how_far(Error error) const;

  const ImportSource source_;
  const FileImportOptions options_;
  BatchSink& sink_;
  Interrupts& interrupts_;
  ChunkReader chunks_;
  ImportLedger ledger_;
  BadLines bad_lines_;
  ProgressBar progress_;
  std::uint64_t events_before_ = 0;
  std::chrono::steady_clock::time_point saved_at_{};
  bool save_failed_ = false;

  std::mutex mutex_;
  std::uint64_t complaints_ = 0;  // Guarded by mutex_.
  // When the store was first found busy, since it last was not. Guarded by mutex_.
  std::optional<std::chrono::steady_clock::time_point> busy_since_;
  std::optional<Failure> failure_;      // The first in the file. Guarded by mutex_.
  std::deque<ParcelPtr> busy_;          // To be sent again. Guarded by mutex_.
  std::deque<ParcelPtr> not_json_;      // To be repaired. Guarded by mutex_.
  std::deque<std::string> to_be_said_;  // Guarded by mutex_.
};

}  // namespace driftguard::cli

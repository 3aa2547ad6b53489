// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <memory_resource>
#include <string>
#include <utility>
#include <vector>

#include "rollup/rollup.h"
#include "store/store.h"

namespace driftguard::ingest {

// What is wrong with one event of a batch.
struct EventError {
  std::size_t index;    // Of the event in the batch, from 0.
  std::string pointer;  // JSON Pointer into the batch: "/3/ts".
  std::string detail;
};

// What one batch adds to one bucket. A large batch brings its delta encoded, because the I/O
// threads have the time; a small one leaves `encoded` empty, and the writer merges first.
struct BucketDelta {
  store::RollupKey key;
  std::shared_ptr<const rollup::Rollup> rollup;  // Never null.
  std::string encoded;
};

// A decoded, valid batch, ready to be committed. Move-only; owns everything its views point to.
struct Batch {
  std::string body;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena =
      std::make_unique<std::pmr::monotonic_buffer_resource>();
  std::vector<store::RawRow> rows;  // Views into body and arena.
  std::vector<BucketDelta> deltas;

  // Events that were refused; with errors, nothing of the batch may be stored unless the client
  // asked to skip bad events.
  std::size_t rejected = 0;
  std::size_t error_count = 0;
  std::vector<EventError> errors;  // The first kErrorsMax.

  static constexpr std::size_t kErrorsMax = 100;

  // Roughly what the batch holds in memory while it waits.
  std::size_t bytes() const { return body.capacity() + rows.capacity() * sizeof(store::RawRow); }
};

}  // namespace driftguard::ingest

// SPDX-License-Identifier: Apache-2.0
// Where an import puts its batches: a server or the store itself, several under way at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "core/result.h"
#include "ingest/batch.h"

namespace driftguard::cli {

struct BatchOrder {
  std::string body;  // One event a line.
  std::string key;
  bool skip_invalid = false;
};

struct BatchAnswer {
  enum class Outcome {
    kStored,
    kNotJson,        // Nothing was stored.
    kInvalidEvents,  // Nothing was stored.
    kBusy,           // Nothing was stored; the same order may succeed later.
    kFailed,
  };
  Outcome outcome = Outcome::kFailed;
  std::uint64_t stored = 0;
  std::uint64_t rejected = 0;
  std::vector<ingest::EventError> errors;  // The first of them.
  std::string detail;                      // Of an outcome other than kStored.
};

// Used by one thread; `done` may be called on another, at once or later, and exactly once.
class BatchSink {
 public:
  using Done = std::function<void(BatchAnswer)>;

  virtual ~BatchSink() = default;  // After drain() alone.
  // Waits until fewer batches are under way than may be.
  virtual void wait_for_room() = 0;
  virtual void send(BatchOrder order, Done done) = 0;
  // Waits until every batch is answered.
  virtual void drain() = 0;
};

// Through the pipeline, which refuses before it takes the next one. `pipeline` must outlive it.
std::unique_ptr<BatchSink> make_store_sink(ingest::Pipeline& pipeline, std::size_t under_way_max);

// Through POST /v1/ingest, on as many connections as may be under way. Waits for busy servers and
// for those that went away after they had answered once; `stopped` ends the waiting.
Result<std::unique_ptr<BatchSink>> make_server_sink(const std::string& url,
                                                    std::size_t under_way_max,
                                                    std::function<bool()> stopped);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
// From the bytes of a request to a Batch: decode, validate, observe. The whole body is validated
// as JSON, also where nothing is read; nothing of an invalid event is ever folded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "ingest/batch.h"
#include "ingest/feature_rules.h"

namespace driftguard::ingest {

enum class BodyFormat {
  kArray,  // A JSON array of events.
  kLines,  // One event a line; blank lines are passed over.
};

struct ReadOptions {
  BodyFormat format = BodyFormat::kArray;
  bool skip_invalid = false;  // Keep the good events of a batch that has bad ones.
  Time latest;                // Events may not be later than this.
  std::size_t events_max = 50'000;
  // Only this host's events are folded; the others are passed over. Empty: all are.
  std::optional<std::string> host;
  // Asked once per (service, endpoint) of a batch; false refuses its events. Empty: all are taken.
  std::function<bool(std::string_view service, std::string_view endpoint)> admit;
};

// Reusable; keeps its buffers and what it learnt of the events' shape. Not thread-safe.
class BatchReader final {
 public:
  // `rules` must outlive the reader.
  explicit BatchReader(const FeatureRules& rules);
  ~BatchReader();

  // Errors: kInvalidArgument when the body is not JSON, or not an array (HTTP 400); kTooLarge
  // when it holds too many events (413). Events that break the contract's rules are listed in the
  // batch (422); then the batch has rows only if `skip_invalid`.
  Result<Batch> read(std::string body, const ReadOptions& options);

 private:
  class Reading;
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace driftguard::ingest

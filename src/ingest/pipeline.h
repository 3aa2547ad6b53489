// SPDX-License-Identifier: Apache-2.0
// The way of a batch: read, look up its idempotency key, commit, answer. Knows nothing of HTTP.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/config.h"
#include "ingest/batch_reader.h"
#include "ingest/committer.h"
#include "store/store.h"

namespace driftguard::ingest {

struct IngestRequest {
  std::string body;
  BodyFormat format = BodyFormat::kArray;
  bool skip_invalid = false;
  std::string idempotency_key;  // Empty: none.
};

enum class IngestOutcome {
  kStored,            // 200: durable, or an earlier request with this key was.
  kNotJson,           // 400
  kInProgress,        // 409: the first request with this key has not been answered yet.
  kTooLarge,          // 413
  kInvalidEvents,     // 422
  kKeyReused,         // 422: the same key with another body.
  kRefusedByStore,    // 422: the engine cannot hold this data.
  kOverloaded,        // 503
  kStoreUnavailable,  // 503
};

struct IngestAnswer {
  IngestOutcome outcome = IngestOutcome::kStored;
  std::string json;    // The body of the 200.
  std::string detail;  // Of any other outcome.
  std::size_t error_count = 0;
  std::vector<EventError> errors;
};

struct PipelineFigures {
  CommitterFigures committer;
  std::uint64_t events_rejected = 0;
  std::uint64_t bytes_read = 0;
  double read_seconds = 0;  // Decode, validate, observe, fold.
  std::size_t segments = 0;
};

// Thread-safe. Store, clock, rules and observer must outlive it.
class Pipeline final {
 public:
  using Respond = std::function<void(IngestAnswer)>;

  Pipeline(store::Store& store, const Clock& clock, const FeatureRules& rules, const Config& config,
           CommitObserver* observer);
  ~Pipeline();

  // Reads on the calling thread; `respond` is called once: on this thread when the batch goes no
  // further, else on a writer thread once it is durable.
  void ingest(IngestRequest request, Respond respond);

  // Commits and answers everything accepted; later requests are refused.
  void stop();

  // The store has dropped rollups: segments that have none left no longer count against
  // segments_max.
  void recount_segments();

  PipelineFigures figures() const;

 private:
  std::optional<IngestAnswer> claim(const std::string& key, const std::string& fingerprint);
  void release(const std::string& key);
  std::optional<IngestAnswer> earlier_answer(const std::string& key,
                                             const std::string& fingerprint);
  bool admit(std::string_view service, std::string_view endpoint);
  Result<Batch> read(IngestRequest& request);
  void submit(Batch batch, const IngestRequest& request, std::string fingerprint, Respond respond);

  store::Store& store_;
  const Clock& clock_;
  const FeatureRules& rules_;
  const Config config_;

  std::mutex large_reading_;  // Held while a large body is read; taken before mutex_.
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<BatchReader>> idle_readers_;  // Guarded by mutex_.
  std::set<std::string, std::less<>> keys_under_way_;       // Guarded by mutex_.
  std::set<store::SegmentName> segments_;                   // Guarded by mutex_.
  std::uint64_t events_rejected_ = 0;                       // Guarded by mutex_.
  std::uint64_t bytes_read_ = 0;                            // Guarded by mutex_.
  double read_seconds_ = 0;                                 // Guarded by mutex_.

  Committer committer_;  // Last: its writers use the members above.
};

}  // namespace driftguard::ingest

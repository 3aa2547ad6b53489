// SPDX-License-Identifier: Apache-2.0
// Group commit: requests that wait while one commit is written share the next one. The queue is
// bounded; when it is full, submit() refuses at once, and that is the back-pressure.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "ingest/batch.h"
#include "store/store.h"

namespace driftguard::ingest {

struct CommitterOptions {
  std::size_t queue_bytes_max = 64u << 20;
  // One commit holds at most this much (but always one batch, however large).
  std::size_t group_bytes_max = 8u << 20;
  std::size_t group_batches_max = 4096;
};

// A batch on its way to the store.
struct Submission {
  Batch batch;
  std::optional<store::StoredAnswer> answer;
  // Called once, on a writer thread, when the batch is durable or has failed; must not block.
  std::function<void(Result<void>)> done;
};

// What the committer did so far; read from any thread.
struct CommitterFigures {
  std::uint64_t commits = 0;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t refused = 0;  // Because the queue was full.
  std::uint64_t failed = 0;   // Batches that the store did not take.
  double commit_seconds = 0;
  std::size_t queue_bytes = 0;
  std::size_t queue_batches = 0;
};

// Sees every commit: before() right before the store is called, then after() for each batch of it
// and done(), with the same keys, once the store has answered and before anybody hears of it.
// Called on writer threads.
class CommitObserver {
 public:
  virtual ~CommitObserver() = default;
  virtual void before(std::span<const store::RollupKey> keys) = 0;
  virtual void after(std::span<const BucketDelta> deltas, bool committed) = 0;
  virtual void done(std::span<const store::RollupKey> keys) = 0;
};

// Thread-safe. The store and the observer must outlive it.
class Committer final {
 public:
  // `observer` may be null.
  Committer(store::Store& store, CommitterOptions options, CommitObserver* observer);
  ~Committer();  // As stop().

  // kOverloaded when the queue is full or the committer is stopping; then `done` is not called.
  Result<void> submit(Submission submission);

  // Commits what is queued, calls back, and ends the writers. Idempotent.
  void stop();

  CommitterFigures figures() const;

 private:
  void write_groups();
  std::vector<Submission> next_group();
  void commit_group(std::vector<Submission>& group);
  Result<void> commit_together(std::span<Submission> group);

  store::Store& store_;
  const CommitterOptions options_;
  CommitObserver* const observer_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Submission> queue_;   // Guarded by mutex_.
  std::size_t writing_bytes_ = 0;  // Guarded by mutex_; in commits under way.
  CommitterFigures figures_;       // Guarded by mutex_.
  bool stopping_ = false;          // Guarded by mutex_.
  std::vector<std::jthread> writers_;
};

}  // namespace driftguard::ingest

// SPDX-License-Identifier: Apache-2.0
#include "ingest/committer.h"

#include <chrono>
#include <map>
#include <utility>

namespace driftguard::ingest {
namespace {

// The group's deltas as the store takes them. Large batches came encoded and go as they are;
// small ones are merged by bucket first, so that a thousand single events cost one delta.
std::vector<store::RollupDelta> encode_deltas(std::span<Submission> group) {
  std::vector<store::RollupDelta> encoded;
  std::map<store::RollupKey, rollup::RollupSum> merged;
  for (Submission& submission : group) {
    for (const BucketDelta& delta : submission.batch.deltas) {
      if (delta.encoded.empty()) {
        merged[delta.key].add(*delta.rollup);
      } else {
        encoded.push_back({delta.key, delta.encoded});
      }
    }
  }
  for (auto& [key, sum] : merged) encoded.push_back({key, rollup::encode(sum.take())});
  return encoded;
}

}  // namespace

Committer::Committer(store::Store& store, CommitterOptions options, CommitObserver* observer)
    : store_(store), options_(options), observer_(observer) {
  for (std::size_t i = 0; i < store.writers(); ++i) {
    writers_.emplace_back([this] { write_groups(); });
  }
}

Committer::~Committer() { stop(); }

Result<void> Committer::submit(Submission submission) {
  const std::size_t bytes = submission.batch.bytes();
  {
    const std::lock_guard lock(mutex_);
    const bool full = figures_.queue_bytes + writing_bytes_ + bytes > options_.queue_bytes_max &&
                      figures_.queue_bytes + writing_bytes_ > 0;
    if (stopping_ || full) {
      ++figures_.refused;
      return Error{ErrorCode::kOverloaded, stopping_ ? "the server is shutting down"
                                                     : "the commit queue is full; try again"};
    }
    figures_.queue_bytes += bytes;
    ++figures_.queue_batches;
    queue_.push_back(std::move(submission));
  }
  wake_.notify_one();
  return {};
}

void Committer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  writers_.clear();  // Joins.
}

CommitterFigures Committer::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void Committer::write_groups() {
  for (;;) {
    std::vector<Submission> group = next_group();
    if (group.empty()) return;
    commit_group(group);
  }
}

std::vector<Submission> Committer::next_group() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  std::vector<Submission> group;
  std::size_t group_bytes = 0;
  while (!queue_.empty() && group.size() < options_.group_batches_max) {
    const std::size_t bytes = queue_.front().batch.bytes();
    if (!group.empty() && group_bytes + bytes > options_.group_bytes_max) break;
    group_bytes += bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  figures_.queue_bytes -= group_bytes;
  figures_.queue_batches -= group.size();
  writing_bytes_ += group_bytes;
  return group;
}

void Committer::commit_group(std::vector<Submission>& group) {
  std::size_t group_bytes = 0;
  for (const Submission& submission : group) group_bytes += submission.batch.bytes();
  Result<void> result = commit_together(group);
  // One batch that the store refuses must not take its neighbours with it.
  const bool retry_alone = !result && group.size() > 1 &&
                           (result.error().code == ErrorCode::kInvalidArgument ||
                            result.error().code == ErrorCode::kConflict);
  for (Submission& submission : group) {
    submission.done(retry_alone ? commit_together({&submission, 1}) : result);
  }
  const std::lock_guard lock(mutex_);
  writing_bytes_ -= group_bytes;
}

Result<void> Committer::commit_together(std::span<Submission> group) {
  std::vector<store::RawRow> rows;
  std::vector<store::StoredAnswer> answers;
  for (const Submission& submission : group) {
    rows.insert(rows.end(), submission.batch.rows.begin(), submission.batch.rows.end());
    if (submission.answer) answers.push_back(*submission.answer);
  }
  const std::vector<store::RollupDelta> deltas = encode_deltas(group);
  std::vector<store::RollupKey> keys;
  if (observer_ != nullptr) {
    for (const store::RollupDelta& delta : deltas) keys.push_back(delta.key);
    observer_->before(keys);
  }
  const auto begin = std::chrono::steady_clock::now();
  Result<void> result = store_.commit({rows, deltas, answers});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (observer_ != nullptr) {
    for (const Submission& submission : group) {
      observer_->after(submission.batch.deltas, result.has_value());
    }
    observer_->done(keys);
  }
  const std::lock_guard lock(mutex_);
  figures_.commit_seconds += took.count();
  ++figures_.commits;
  if (result) {
    figures_.batches += group.size();
    figures_.events += rows.size();
  } else {
    figures_.failed += group.size();
  }
  return result;
}

}  // namespace driftguard::ingest

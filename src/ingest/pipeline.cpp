// SPDX-License-Identifier: Apache-2.0
#include "ingest/pipeline.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/hash.h"

namespace driftguard::ingest {
namespace {

// A parser takes up to thirteen times the body: larger bodies than this are read one at a time,
// and the parser's memory is given back.
constexpr std::size_t kLargeBytes = 4u << 20;

CommitterOptions committer_options(const Config& config) {
  CommitterOptions options;
  options.queue_bytes_max = static_cast<std::size_t>(config.queue_bytes_max);
  return options;
}

IngestAnswer refused(IngestOutcome outcome, std::string detail) {
  IngestAnswer answer;
  answer.outcome = outcome;
  answer.detail = std::move(detail);
  return answer;
}

IngestAnswer refused(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return refused(IngestOutcome::kRefusedByStore, error.detail);
    case ErrorCode::kOverloaded:
      return refused(IngestOutcome::kOverloaded, error.detail);
    case ErrorCode::kTooLarge:
      return refused(IngestOutcome::kTooLarge, error.detail);
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
    case ErrorCode::kUnavailable:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      break;
  }
  return refused(IngestOutcome::kStoreUnavailable, error.detail);
}

std::string stored_json(const Batch& batch, bool skip_invalid) {
  nlohmann::ordered_json json;
  json["ingested"] = batch.rows.size();
  if (skip_invalid) {
    json["rejected"] = batch.rejected;
    json["errors"] = nlohmann::ordered_json::array();
    for (const EventError& error : batch.errors) {
      json["errors"].push_back(
          {{"index", error.index}, {"pointer", error.pointer}, {"detail", error.detail}});
    }
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Pipeline::Pipeline(store::Store& store, const Clock& clock, const FeatureRules& rules,
                   const Config& config, CommitObserver* observer)
    : store_(store),
      clock_(clock),
      rules_(rules),
      config_(config),
      committer_(store, committer_options(config), observer) {
  if (auto segments = store.list_segments("")) {
    segments_.insert(segments->begin(), segments->end());
  }
}

Pipeline::~Pipeline() { stop(); }

void Pipeline::stop() { committer_.stop(); }

void Pipeline::ingest(IngestRequest request, Respond respond) {
  std::string fingerprint;
  if (!request.idempotency_key.empty()) {
    fingerprint = fingerprint128(request.body);
    if (auto answer = claim(request.idempotency_key, fingerprint)) {
      return respond(std::move(*answer));
    }
  }
  Result<Batch> batch = read(request);
  const bool failed = !batch || (batch->rejected > 0 && !request.skip_invalid);
  if (failed) {
    release(request.idempotency_key);
    if (!batch) {
      const bool large = batch.error().code == ErrorCode::kTooLarge;
      return respond(refused(large ? IngestOutcome::kTooLarge : IngestOutcome::kNotJson,
                             batch.error().detail));
    }
    IngestAnswer answer = refused(IngestOutcome::kInvalidEvents, "nothing of the batch was stored");
    answer.error_count = batch->error_count;
    answer.errors = std::move(batch->errors);
    return respond(std::move(answer));
  }
  submit(std::move(*batch), request, std::move(fingerprint), std::move(respond));
}

Result<Batch> Pipeline::read(IngestRequest& request) {
  const bool large = request.body.size() > kLargeBytes;
  const auto turn = large ? std::unique_lock(large_reading_) : std::unique_lock<std::mutex>();
  std::unique_ptr<BatchReader> reader;
  if (!large) {
    const std::lock_guard lock(mutex_);
    if (!idle_readers_.empty()) {
      reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
    }
  }
  if (!reader) reader = std::make_unique<BatchReader>(rules_);
  const std::size_t bytes = request.body.size();
  const auto begin = std::chrono::steady_clock::now();
  ReadOptions options;
  options.format = request.format;
  options.skip_invalid = request.skip_invalid;
  options.latest = clock_.now() + std::chrono::seconds(config_.max_clock_skew_seconds);
  options.events_max = static_cast<std::size_t>(config_.batch_events_max);
  options.admit = [this](std::string_view s, std::string_view e) { return admit(s, e); };
  Result<Batch> batch = reader->read(std::move(request.body), options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  const std::lock_guard lock(mutex_);
  if (!large) idle_readers_.push_back(std::move(reader));  // No more than threads that read.
  bytes_read_ += bytes;
  read_seconds_ += took.count();
  if (batch) events_rejected_ += batch->rejected;
  return batch;
}

bool Pipeline::admit(std::string_view service, std::string_view endpoint) {
  const std::lock_guard lock(mutex_);
  store::SegmentName name{std::string(service), std::string(endpoint)};
  if (segments_.contains(name)) return true;
  if (segments_.size() >= static_cast<std::size_t>(config_.segments_max)) return false;
  segments_.insert(std::move(name));
  return true;
}

// A segment on its way to its first commit may be left out: its next event admits it again.
void Pipeline::recount_segments() {
  auto segments = store_.list_segments("");
  if (!segments) return;
  const std::lock_guard lock(mutex_);
  segments_ = {segments->begin(), segments->end()};
}

std::optional<IngestAnswer> Pipeline::claim(const std::string& key,
                                            const std::string& fingerprint) {
  {
    const std::lock_guard lock(mutex_);
    if (!keys_under_way_.insert(key).second) {
      return refused(IngestOutcome::kInProgress,
                     "the first request with this Idempotency-Key is still under way");
    }
  }
  std::optional<IngestAnswer> answer = earlier_answer(key, fingerprint);
  if (answer) release(key);
  return answer;
}

std::optional<IngestAnswer> Pipeline::earlier_answer(const std::string& key,
                                                     const std::string& fingerprint) {
  Result<std::optional<store::StoredAnswer>> stored = store_.find_answer(key);
  if (!stored) return refused(stored.error());
  if (!*stored || (*stored)->expires_at <= clock_.now()) return std::nullopt;
  if ((*stored)->fingerprint != fingerprint) {
    return refused(IngestOutcome::kKeyReused,
                   "this Idempotency-Key was used before, with another body");
  }
  IngestAnswer answer;
  answer.json = std::move((*stored)->answer);
  return answer;
}

void Pipeline::release(const std::string& key) {
  if (key.empty()) return;
  const std::lock_guard lock(mutex_);
  keys_under_way_.erase(key);
}

void Pipeline::submit(Batch batch, const IngestRequest& request, std::string fingerprint,
                      Respond respond) {
  IngestAnswer stored;
  stored.json = stored_json(batch, request.skip_invalid);
  const std::string key = request.idempotency_key;
  if (batch.rows.empty() && key.empty()) return respond(std::move(stored));

  Submission submission;
  submission.batch = std::move(batch);
  if (!key.empty()) {
    submission.answer = {key, fingerprint, stored.json,
                         clock_.now() + std::chrono::hours(config_.idempotency_hours)};
  }
  auto shared_respond = std::make_shared<Respond>(std::move(respond));
  submission.done = [this, key, fingerprint = std::move(fingerprint), stored = std::move(stored),
                     shared_respond](Result<void> result) mutable {
    std::optional<IngestAnswer> answer;
    if (result) {
      answer = std::move(stored);
    } else if (result.error().code == ErrorCode::kConflict) {
      answer = earlier_answer(key, fingerprint);  // Another node was first.
    }
    release(key);
    (*shared_respond)(answer ? std::move(*answer) : refused(result.error()));
  };
  if (auto submitted = committer_.submit(std::move(submission)); !submitted) {
    release(key);
    (*shared_respond)(refused(submitted.error()));
  }
}

PipelineFigures Pipeline::figures() const {
  PipelineFigures figures;
  figures.committer = committer_.figures();
  const std::lock_guard lock(mutex_);
  figures.events_rejected = events_rejected_;
  figures.bytes_read = bytes_read_;
  figures.read_seconds = read_seconds_;
  figures.segments = segments_.size();
  return figures;
}

}  // namespace driftguard::ingest

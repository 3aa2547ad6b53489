// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <chrono>

#include "core/bytes.h"
#include "store/commit_check.h"
#include "store/rocksdb/keys.h"
#include "store/rocksdb/rocks_engine.h"

namespace driftguard::store {
namespace {

constexpr std::size_t kBatchBytesKept = 4u << 20;
constexpr std::size_t kDropStep = 500;  // Answers in one batch of drop_expired_answers().

std::string encode_answer(const StoredAnswer& answer) {
  std::string out;
  ByteWriter writer(out);
  writer.zigzag(us_since_epoch(answer.expires_at));
  writer.text(answer.fingerprint);
  writer.text(answer.answer);
  return out;
}

std::size_t batch_size(const Commit& commit) {
  std::size_t size = 256;
  for (const RawRow& row : commit.rows) size += row.payload.size() / 8 + 32;  // In chunks.
  for (const RollupDelta& delta : commit.rollups) {
    size += delta.key.service.size() + delta.key.endpoint.size() + delta.summary.size() + 32;
  }
  for (const StoredAnswer& answer : commit.answers) {
    size += 2 * answer.key.size() + answer.fingerprint.size() + answer.answer.size() + 64;
  }
  return size;
}

}  // namespace

Result<void> RocksStore::commit(const Commit& commit) {
  if (auto sound = check_commit(commit); !sound) return sound;
  if (commit.rows.empty() && commit.rollups.empty() && commit.answers.empty()) return {};
  const std::lock_guard lock(write_mutex_);
  if (auto writable = make_writable(); !writable) return writable;
  if (auto room = check_room(); !room) return room;
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t size = batch_size(commit);
  // Clear() keeps the memory: the next commit of this size touches no new page.
  batch_.Clear();
  if (batch_.Data().capacity() < size || batch_.Data().capacity() > kBatchBytesKept) {
    batch_ = rocksdb::WriteBatch(size);
  }
  if (auto free = add_answers(commit.answers); !free) return free;
  add_rows(commit.rows);
  add_rollups(commit.rollups);
  auto written = database_->write(batch_);
  if (!written) stale_.forget();
  (written ? commits_ : commit_failures_).fetch_add(1);
  commit_us_.fetch_add(static_cast<std::uint64_t>(
      std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now() - begin).count()));
  return written;
}

void RocksStore::add_rows(std::span<const RawRow> rows) {
  if (rows.empty()) return;
  chunker_.split(rows, next_row_id_, [&](const RawRow& first, std::span<const ChunkRow> chunk) {
    key_.clear();
    append_segment(key_, first.service, first.endpoint);
    append_time(key_, chunk.front().ts);
    append_id(key_, chunk.front().id);
    batch_.Put(database_->family(Family::kRaw), key_, chunk_encoder_.encode(chunk));
  });
  next_row_id_ += rows.size();
  // In the same batch as the rows, so an id that was stored is never given again; and never
  // taken back: a batch that failed leaves a gap, not a second row of one id.
  std::string next;
  append_id(next, next_row_id_);
  batch_.Put(database_->family(Family::kMeta), kNextRowIdKey, next);
}

void RocksStore::add_rollups(std::span<const RollupDelta> rollups) {
  for (const RollupDelta& delta : rollups) {
    key_.clear();
    append_segment(key_, delta.key.service, delta.key.endpoint);
    for (Watch* watch : watches_) watch->see(key_, delta.key.bucket);
    stale_.add(key_, delta.key.bucket, *database_, batch_);
    append_time(key_, delta.key.bucket);
    const rocksdb::Slice key(key_);
    const rocksdb::Slice value[] = {rocksdb::Slice(&kWhole, 1), rocksdb::Slice(delta.summary)};
    batch_.Merge(database_->family(Family::kRollup), rocksdb::SliceParts(&key, 1),
                 rocksdb::SliceParts(value, 2));
  }
  sums_voided_.store(stale_.voided());
}

Result<void> RocksStore::add_answers(std::span<const StoredAnswer> answers) {
  for (const StoredAnswer& answer : answers) {
    const auto stored = find_answer(answer.key);
    if (!stored) return stored.error();
    if (*stored) {
      if ((*stored)->expires_at > clock_.now()) {
        return Error{ErrorCode::kConflict, "An answer is stored under this key already."};
      }
      batch_.Delete(database_->family(Family::kAnswers),
                    answer_expiry_key((*stored)->expires_at, answer.key));
    }
    batch_.Put(database_->family(Family::kAnswers), answer_key(answer.key), encode_answer(answer));
    batch_.Put(database_->family(Family::kAnswers),
               answer_expiry_key(answer.expires_at, answer.key), "");
    answers_expire_from_ = std::min(answers_expire_from_, answer.expires_at);
  }
  return {};
}

Result<std::size_t> RocksStore::drop_expired_answers(Time now, std::size_t limit) {
  std::size_t dropped = 0;
  while (dropped < limit) {
    const std::lock_guard lock(write_mutex_);
    if (auto writable = make_writable(); !writable) return writable.error();
    const std::size_t step = std::min(kDropStep, limit - dropped);
    const auto done = drop_expired_step(now, step);
    if (!done) return done.error();
    dropped += *done;
    if (*done < step) break;
  }
  return dropped;
}

Result<std::size_t> RocksStore::drop_expired_step(Time now, std::size_t limit) {
  const std::string upper_key = answer_expiry_key(now, "");
  const rocksdb::Slice upper(upper_key);
  const Database::Iterator it = database_->iterate(Family::kAnswers, &upper, false);
  rocksdb::WriteBatch batch;
  std::size_t count = 0;
  Time last = now;
  // Everything before was dropped: there are only tombstones left to walk over.
  for (it->Seek(answer_expiry_key(answers_expire_from_, "")); it->Valid() && count < limit;
       it->Next(), ++count) {
    const std::string_view key = it->key().ToStringView();
    if (key.size() < 9) return Error{ErrorCode::kCorrupt, "An answer's expiry key is damaged."};
    last = read_time(key.substr(1, 8));
    batch.Delete(database_->family(Family::kAnswers), it->key());
    batch.Delete(database_->family(Family::kAnswers), answer_key(key.substr(9)));
  }
  if (!it->status().ok()) return rocks_error(it->status(), "Cannot read answers");
  if (count > 0) {
    if (auto written = database_->write(batch); !written) return written.error();
  }
  answers_expire_from_ = std::max(answers_expire_from_, count == limit ? last : now);
  return count;
}

Result<void> RocksStore::put_document(std::string_view key, std::string_view value) {
  const std::lock_guard lock(write_mutex_);
  if (auto writable = make_writable(); !writable) return writable;
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(Family::kDocuments), key, value);
  return database_->write(batch);
}

Result<bool> RocksStore::create_document(std::string_view key, std::string_view value) {
  const DocumentExpectation free{key, {}};
  const DocumentWrite write{key, value};
  return change_documents({&free, 1}, {&write, 1});
}

Result<bool> RocksStore::change_documents(std::span<const DocumentExpectation> expected,
                                          std::span<const DocumentWrite> writes) {
  const std::lock_guard lock(write_mutex_);
  if (auto writable = make_writable(); !writable) return writable.error();
  for (const auto& [key, value] : expected) {
    const auto stored = database_->get(Family::kDocuments, key);
    if (!stored) return stored.error();
    if (*stored != value) return false;
  }
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : writes) {
    if (value) {
      batch.Put(database_->family(Family::kDocuments), key, *value);
    } else {
      batch.Delete(database_->family(Family::kDocuments), key);
    }
  }
  if (auto written = database_->write(batch); !written) return written.error();
  return true;
}

Result<void> RocksStore::ping() {
  const std::lock_guard lock(write_mutex_);
  if (auto writable = make_writable(); !writable) return writable;
  if (auto room = check_room(); !room) return room;
  rocksdb::WriteBatch empty;
  return database_->write(empty);
}

}  // namespace driftguard::store

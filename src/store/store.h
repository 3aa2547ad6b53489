// SPDX-License-Identifier: Apache-2.0
// What driftguard asks of a store, and all it asks. Summaries are opaque bytes here; what they
// mean is the rollup room's business. store_contract_test.cpp holds every engine to this page.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace driftguard::store {

// One event as it came. Views are borrowed for the length of the call.
struct RawRow {
  Time ts;
  std::string_view service;
  std::string_view endpoint;
  std::optional<std::string_view> host;
  std::string_view payload;  // The event's own JSON text.
};

// The time bucket of one (service, endpoint). Service and endpoint hold no control characters.
struct RollupKey {
  std::string service;
  std::string endpoint;
  Time bucket;  // The bucket's first moment.
  friend auto operator<=>(const RollupKey&, const RollupKey&) = default;
};

// What a commit adds to a bucket.
struct RollupDelta {
  RollupKey key;
  std::string summary;
};

// The answer given to an idempotent request, kept until it expires.
struct StoredAnswer {
  std::string key;          // The client's Idempotency-Key.
  std::string fingerprint;  // Of the request's body: the same key with another body is refused.
  std::string answer;       // The body of the 200.
  Time expires_at;
};

// Everything one transaction adds: all of it is durable when commit() returns, or none is.
struct Commit {
  std::span<const RawRow> rows;
  std::span<const RollupDelta> rollups;
  std::span<const StoredAnswer> answers;
};

// The population asked for; no endpoint means all of the service's.
struct SegmentFilter {
  std::string service;
  std::optional<std::string> endpoint;
};

struct SegmentName {
  std::string service;
  std::string endpoint;
  friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};

// A stored event, owning its bytes. `id` is unique in the store and grows with arrival.
struct StoredRow {
  Time ts;
  std::uint64_t id;
  std::string service;
  std::string endpoint;
  std::optional<std::string> host;  // Only where the engine keeps it beside the payload.
  std::string payload;
};

// Where the next page begins: after this row, in the order (ts, id).
struct RowCursor {
  Time ts;
  std::uint64_t id;
  friend auto operator<=>(const RowCursor&, const RowCursor&) = default;
};

struct RowPage {
  std::vector<StoredRow> rows;
  std::optional<RowCursor> next;  // Empty: there is no more.
};

struct RowQuery {
  std::optional<std::string> service;   // Empty: all services.
  std::optional<std::string> endpoint;  // Needs a service.
  TimeRange range;
  std::optional<RowCursor> after;
  std::size_t rows_max = 1000;
  std::size_t bytes_max = 8u << 20;  // A page ends at the row that passes it.
};

// What a change of documents rests on: that a key has this value, or is free (empty).
struct DocumentExpectation {
  std::string_view key;
  std::optional<std::string_view> value;
};
// The value a key gets, or that it goes (empty).
struct DocumentWrite {
  std::string_view key;
  std::optional<std::string_view> value;
};

// What retention drops: raw events, by their time, or rollups, by their bucket's first moment.
enum class History { kRows, kRollups };

// Engines keep what happened in one of these, counted from 1970, together: history is dropped by
// whole ones.
inline constexpr std::chrono::seconds kHistoryStretch{10};

// One step of dropping all that is older than `before`, segment by segment.
struct DropStep {
  History what;
  Time before;                           // Where a kHistoryStretch begins.
  std::optional<SegmentName> from = {};  // Where the step before said to go on.
  std::size_t limit = 100'000;  // About how many to drop; events of one stretch go together.
};

struct Dropped {
  std::size_t count = 0;
  std::optional<SegmentName> next;  // Where to go on; empty: that was all.
};

// What dropping would free: all before `before` takes about `bytes`.
struct DropCut {
  Time before;
  std::uint64_t bytes = 0;
};

// When to rewrite files whose space is not free yet: only if enough has been dropped since the last
// time, or whatever it costs.
enum class Reclaim { kIfWorthIt, kNow };

// Merges summaries of one bucket into one; a pure function of the multiset of its arguments.
using MergeSummaries = std::function<Result<std::string>(std::span<const std::string_view>)>;

// Called for each stored summary. The views die with the call.
// Returning false ends the read early.
using RollupVisitor =
    std::function<bool(std::string_view endpoint, Time bucket, std::string_view summary)>;

// The same for kept sums: `width` is the sum's, or zero for the summary of a bucket.
using SumVisitor = std::function<bool(std::string_view endpoint, Time begins,
                                      std::chrono::seconds width, std::string_view summary)>;

// Figures of the engine, by Prometheus name without the `driftguard_store_` prefix; units are in
// the names. Gauges only.
using Figures = std::map<std::string, double>;

// Thread-safety: every method may be called from any thread at any time. commit() may be called
// by writers() threads at once. Methods block; none of them throws.
//
// Errors of every method: kUnavailable while the engine is away (nothing was done, unless the
// detail says that the outcome is not known), kCorrupt when stored bytes do not read back,
// kInternal for anything the machine does.
class Store {
 public:
  virtual ~Store() = default;

  // "rocksdb", "postgresql", "clickhouse".
  virtual std::string_view engine() const = 0;

  // How many threads should call commit().
  virtual std::size_t writers() const = 0;

  // Whether every writer of this store lives in this process (then caches may be trusted).
  virtual bool exclusive() const = 0;

  // Durable (fsync) before it returns. kInvalidArgument: the engine refuses the data (a NUL in
  // JSONB, say); retry the parts one by one to find the culprit. kConflict: one of the answers'
  // keys is stored already, and not expired; nothing was written.
  virtual Result<void> commit(const Commit& commit) = 0;

  // Visits the summaries of the buckets that begin in `range`, ordered by endpoint, then bucket.
  // One bucket may be visited several times (its parts have not been merged yet).
  virtual Result<void> read_rollups(const SegmentFilter& filter, TimeRange range,
                                    const RollupVisitor& visit) = 0;

  // Visits summaries that add up to exactly the buckets that begin in `range`, as they stand at
  // one moment, ordered by endpoint, then time: kept sums (sums.h), the widest that lie in the
  // range, and buckets where there are none.
  virtual Result<void> read_sums(const SegmentFilter& filter, TimeRange range,
                                 const SumVisitor& visit) = 0;
  // Makes the sums that are missing for stretches that ended by `before`, the earliest first, at
  // most `limit` of them; each is stored by itself, and only if no commit touched its stretch
  // meanwhile. Gives how many it tried: fewer than `limit` when there were no more. An engine may
  // know only of buckets that compact() has seen. kCorrupt: the summaries of a stretch do not
  // merge; it goes without a sum, and the others have been dealt with.
  virtual Result<std::size_t> make_sums(Time before, std::size_t limit) = 0;

  // All (service, endpoint) with at least one rollup, sorted; `service` empty means all.
  virtual Result<std::vector<SegmentName>> list_segments(std::string_view service) = 0;

  // One page of raw events in the order (ts, id).
  virtual Result<RowPage> read_rows(const RowQuery& query) = 0;

  // The answer stored under a key, expired or not; empty when there is none.
  virtual Result<std::optional<StoredAnswer>> find_answer(std::string_view key) = 0;
  // Drops answers that expired before `now`; at most `limit` of them. Gives how many.
  virtual Result<std::size_t> drop_expired_answers(Time now, std::size_t limit) = 0;

  // Documents: small named bytes (baselines, feature names). Keys may hold any byte.
  virtual Result<std::optional<std::string>> get_document(std::string_view key) = 0;
  virtual Result<void> put_document(std::string_view key, std::string_view value) = 0;
  // Stores only if the key is free, atomically; says whether it did.
  virtual Result<bool> create_document(std::string_view key, std::string_view value) = 0;
  virtual Result<std::vector<std::string>> list_documents(std::string_view prefix) = 0;
  // Writes all or nothing: all, durably, if every expectation holds; says whether they did. Of
  // changes that come at the same time one is first, in every process on the store.
  virtual Result<bool> change_documents(std::span<const DocumentExpectation> expected,
                                        std::span<const DocumentWrite> writes) = 0;

  // Merges the parts of buckets that begin before `before` into one summary each, in small steps,
  // each atomic. Gives how many parts went away. Readers see the same sums at every moment.
  virtual Result<std::size_t> compact(Time before) = 0;

  // Drops the oldest that lie before `step.before`, and nothing else; no commit waits for longer
  // than one small write. Readers under way see all or nothing of a step's segment. What arrives
  // late, behind a drop, is stored again.
  virtual Result<Dropped> drop(const DropStep& step) = 0;
  // The first moment of what is kept; empty when there is nothing.
  virtual Result<std::optional<Time>> oldest(History what) = 0;
  // What retention_bytes_max bounds: the embedded store's files, or, where a deleted row's space is
  // used again but not given back, about the bytes of live rows with their indexes.
  virtual Result<std::uint64_t> bytes() = 0;
  // The cut that would free about `bytes`, or less if all of it takes less; an estimate.
  virtual Result<DropCut> find_cut(History what, std::uint64_t bytes) = 0;
  // Gives dropped space back to the disk, in the background: may take long. Ends soon once `stop`
  // is set. Does nothing where the engine sees to it by itself.
  virtual Result<void> reclaim(History what, Reclaim when, std::atomic<bool>& stop) = 0;

  // A cheap round trip: is the engine there and writable?
  virtual Result<void> ping() = 0;

  virtual Figures figures() = 0;
};

}  // namespace driftguard::store

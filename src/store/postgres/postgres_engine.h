// SPDX-License-Identifier: Apache-2.0
// The class behind open_postgres_store(). Written in postgres_open.cpp (opening, figures),
// postgres_commit.cpp (the one hot transaction), postgres_read.cpp, postgres_compact.cpp and
// postgres_retention.cpp, postgres_sums.cpp.
#pragma once

#include "store/postgres/pool.h"

namespace driftguard::store {

// Each method takes a connection for its length. Nothing is kept here but counts, so any number
// of these, in any number of processes, may stand on one database.
class PostgresStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(const PostgresOptions& options, MergeSummaries merge);

  std::string_view engine() const override { return "postgresql"; }
  std::size_t writers() const override { return options_.writers; }
  bool exclusive() const override { return false; }

  Result<void> commit(const Commit& commit) override;
  Result<void> read_rollups(const SegmentFilter& filter, TimeRange range,
                            const RollupVisitor& visit) override;
  Result<void> read_sums(const SegmentFilter& filter, TimeRange range,
                         const SumVisitor& visit) override;
  Result<std::size_t> make_sums(Time before, std::size_t limit) override;
  Result<std::vector<SegmentName>> list_segments(std::string_view service) override;
  Result<RowPage> read_rows(const RowQuery& query) override;
  Result<std::optional<StoredAnswer>> find_answer(std::string_view key) override;
  Result<std::size_t> drop_expired_answers(Time now, std::size_t limit) override;
  Result<std::optional<std::string>> get_document(std::string_view key) override;
  Result<void> put_document(std::string_view key, std::string_view value) override;
  Result<bool> create_document(std::string_view key, std::string_view value) override;
  Result<std::vector<std::string>> list_documents(std::string_view prefix) override;
  Result<bool> change_documents(std::span<const DocumentExpectation> expected,
                                std::span<const DocumentWrite> writes) override;
  Result<std::size_t> compact(Time before) override;
  Result<Dropped> drop(const DropStep& step) override;
  Result<std::optional<Time>> oldest(History what) override;
  Result<std::uint64_t> bytes() override;
  Result<DropCut> find_cut(History what, std::uint64_t bytes) override;
  Result<void> reclaim(History what, Reclaim when, std::atomic<bool>& stop) override;
  Result<void> ping() override;
  Figures figures() override;

 private:
  // A bucket with parts that have not been merged.
  struct Bucket {
    std::string service;
    std::string endpoint;
    std::int64_t us;
  };
  // A stretch whose sum is being made by us.
  struct Claim {
    SegmentName segment;
    std::chrono::seconds width;
    Time begins;
    std::int64_t number;  // The id of the transaction that made it.
  };

  // Of a table's live rows.
  struct Sample {
    std::uint64_t bytes = 0;
    Time at_share{};  // Before it lies the share asked for.
    Time newest{};
  };

  PostgresStore(const PostgresOptions& options, MergeSummaries merge)
      : options_(options),
        clock_(options.clock ? *options.clock : system_clock_),
        merge_(std::move(merge)),
        pool_(options_) {}

  // One statement on a connection of its own.
  Result<PgResult> query(const std::string& statement, std::span<const PgParam> params);
  Result<void> finish_commit(Connection& connection, const Commit& commit, std::string& xid);
  Result<void> learn_outcome(const Commit& commit, const std::string& xid, Error lost);
  Result<bool> is_committed(const Commit& commit, const std::string& xid);
  Result<std::size_t> compact_bucket(Connection& connection, const Bucket& bucket);
  Result<std::size_t> merge_some_parts(Connection& connection, const Bucket& bucket, bool& done);
  Result<Sample> sample(History what, double share);
  static Result<void> list_stale_sums(Connection& connection, const Bucket& bucket);
  Result<std::vector<Claim>> claim_sums(Connection& connection, Time before, std::size_t limit);
  Result<bool> wait_for_commits_under_way(Connection& connection);
  Result<void> make_sum(Connection& connection, const Claim& claim);
  static Result<void> read_sums(Connection& connection, const SegmentFilter& filter,
                                TimeRange range, const SumVisitor& visit);
  Result<std::optional<std::string>> sum_of(Connection& connection, const Claim& claim);
  Result<void> finish_claim(Connection& connection, const Claim& claim,
                            const std::optional<std::string>& sum);
  Figures table_sizes();

  // Constant after construction.
  const PostgresOptions options_;
  const SystemClock system_clock_;
  const Clock& clock_;
  const MergeSummaries merge_;

  ConnectionPool pool_;  // Provides its own synchronization.
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> commit_failures_{0};
  std::atomic<std::uint64_t> commits_resolved_{0};
  std::atomic<std::uint64_t> commit_us_{0};
  std::atomic<std::uint64_t> sums_made_{0};
  std::atomic<std::uint64_t> sums_voided_{0};

  std::mutex sizes_mutex_;
  // Guarded by sizes_mutex_.
  Figures sizes_;
  std::chrono::steady_clock::time_point sizes_read_at_{};
};

}  // namespace driftguard::store

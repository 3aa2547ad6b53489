// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "store/postgres/connection.h"

namespace driftguard::store {

// What a connection is wanted for: each has a share of its own, so that no number of readers can
// keep commits waiting, nor the other way round.
enum class Purpose { kCommit, kOther };

// A bounded pool. Connections are opened when they are first wanted and again after they broke.
// While the server is away every call fails at once, and only one try to connect is made each
// time a growing pause is over. Thread-safe.
class ConnectionPool final {
 public:
  // Gives the connection back at its end. Movable; must not outlive the pool.
  class Lease final {
   public:
    Lease(ConnectionPool& pool, Purpose purpose, std::unique_ptr<Connection> connection)
        : pool_(&pool), purpose_(purpose), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          purpose_(other.purpose_),
          connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_) pool_->give_back(purpose_, std::move(connection_));
    }
    Connection* operator->() { return connection_.get(); }
    Connection& operator*() { return *connection_; }

   private:
    ConnectionPool* pool_;
    Purpose purpose_;
    std::unique_ptr<Connection> connection_;
  };

  explicit ConnectionPool(const PostgresOptions& options);

  // Waits for a free place for at most reply_timeout.
  Result<Lease> take(Purpose purpose);
  // The same, and never an answer from the pause between tries: it connects now.
  Result<Lease> take_now(Purpose purpose);

  std::size_t open() const { return open_.load(); }
  std::uint64_t connects() const { return connects_.load(); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Result<Lease> take(Purpose purpose, bool heed_pause);
  Result<std::unique_ptr<Connection>> connect();
  void give_back(Purpose purpose, std::unique_ptr<Connection> connection);
  std::size_t& places(Purpose purpose) {
    return purpose == Purpose::kCommit ? commit_places_ : other_places_;
  }

  const PostgresOptions options_;
  std::atomic<std::size_t> open_{0};
  std::atomic<std::uint64_t> connects_{0};

  std::mutex mutex_;
  std::condition_variable freed_;
  // Guarded by mutex_.
  std::size_t commit_places_;
  std::size_t other_places_;
  std::vector<std::unique_ptr<Connection>> idle_;
  SteadyTime next_try_{};
  std::chrono::milliseconds pause_{0};
  std::string away_because_;
};

}  // namespace driftguard::store

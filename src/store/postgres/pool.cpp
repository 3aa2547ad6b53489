// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/pool.h"

#include <algorithm>

namespace driftguard::store {
namespace {

constexpr std::chrono::milliseconds kPauseFirst{50};

}  // namespace

ConnectionPool::ConnectionPool(const PostgresOptions& options)
    : options_(options),
      commit_places_(std::max<std::size_t>(1, options.writers)),
      other_places_(std::max(options.connections, commit_places_ + 1) - commit_places_) {}

Result<ConnectionPool::Lease> ConnectionPool::take(Purpose purpose) {
  return take(purpose, /*heed_pause=*/true);
}

Result<ConnectionPool::Lease> ConnectionPool::take_now(Purpose purpose) {
  return take(purpose, /*heed_pause=*/false);
}

Result<ConnectionPool::Lease> ConnectionPool::take(Purpose purpose, bool heed_pause) {
  std::unique_lock lock(mutex_);
  const auto has_place = [&] { return places(purpose) > 0; };
  if (!freed_.wait_for(lock, options_.reply_timeout, has_place)) {
    return Error{ErrorCode::kUnavailable, "All connections to PostgreSQL are busy."};
  }
  --places(purpose);
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->closed_while_idle()) return Lease(*this, purpose, std::move(connection));
    --open_;
  }
  const auto now = std::chrono::steady_clock::now();
  if (heed_pause && now < next_try_) {
    ++places(purpose);
    freed_.notify_all();
    return Error{ErrorCode::kUnavailable, away_because_};
  }
  if (pause_.count() > 0) next_try_ = now + pause_;  // The others need not try meanwhile.
  lock.unlock();
  auto connection = connect();
  if (!connection) {
    give_back(purpose, nullptr);
    return connection.error();
  }
  return Lease(*this, purpose, *std::move(connection));
}

Result<std::unique_ptr<Connection>> ConnectionPool::connect() {
  auto connection = Connection::open(options_);
  const std::lock_guard lock(mutex_);
  if (connection) {
    pause_ = std::chrono::milliseconds(0);
    next_try_ = {};
    ++open_;
    ++connects_;
    return connection;
  }
  pause_ = std::clamp(pause_ * 2, kPauseFirst, std::max(kPauseFirst, options_.backoff_max));
  next_try_ = std::chrono::steady_clock::now() + pause_;
  away_because_ = connection.error().detail;
  return connection;
}

void ConnectionPool::give_back(Purpose purpose, std::unique_ptr<Connection> connection) {
  if (connection) connection->roll_back();
  const std::lock_guard lock(mutex_);
  ++places(purpose);
  if (connection && !connection->broken()) {
    idle_.push_back(std::move(connection));
  } else if (connection) {
    --open_;
  }
  freed_.notify_all();
}

}  // namespace driftguard::store

// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "http/connection.h"
#include "http/problem.h"
#include "http/response_head.h"
#include "http/session.h"

namespace driftguard::http {
namespace {

using asio::ip::tcp;
using SocketError = boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr std::chrono::milliseconds kAcceptPause{50};  // When the machine has no descriptors left.
constexpr std::chrono::milliseconds kSweepMin{2};
constexpr std::chrono::milliseconds kSweepMax{250};

// How often deadlines are looked at: a late cut-off is late by an eighth at most.
std::chrono::milliseconds sweep_period(const ServerLimits& limits) {
  const auto least = std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                               limits.write_timeout, limits.linger_timeout});
  return std::clamp(least / 8, kSweepMin, kSweepMax);
}

Result<tcp::endpoint> endpoint_of(const ServerOptions& options) {
  SocketError ec;
  const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
  const auto address = asio::ip::make_address(host, ec);
  if (ec) {
    return Error{ErrorCode::kInvalidArgument, "\"" + options.host + "\" is no numeric address"};
  }
  return tcp::endpoint(address, options.port);
}

}  // namespace

class Server::Impl final {
 public:
  Impl(ServerOptions options, Router router);
  ~Impl() { stop(std::chrono::milliseconds(0)); }

  Result<std::uint16_t> start();
  bool stop(std::chrono::milliseconds deadline);
  const ServerFigures& figures() const { return figures_; }

 private:
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Strand>;

  Result<void> listen(const tcp::endpoint& endpoint);
  Task<void> accept_all();
  Task<void> sweep();
  bool has_room();
  void take_in(Socket socket);
  void refuse(Socket socket);
  void drain_backlog();
  void forget(const Session* session);
  std::vector<std::shared_ptr<Session>> sessions();
  bool wait_for_sessions(std::optional<std::chrono::milliseconds> timeout);

  // Constant after construction.
  const ServerOptions options_;
  const Router router_;
  const Cors cors_;

  // Their own synchronization.
  ServerFigures own_figures_;
  ServerFigures& figures_;
  BodyBudget budget_;
  asio::io_context io_;
  SharedCalls shared_calls_;
  std::optional<WorkerPool> workers_;

  // Only on control_.
  Strand control_;
  asio::basic_socket_acceptor<tcp, Strand> acceptor_;
  Timer pause_;
  Timer tick_;
  bool sweep_over_ = false;
  std::promise<void> accepted_all_;  // Kept when no session can begin any more.

  std::mutex mutex_;
  std::condition_variable ended_;
  std::unordered_map<const Session*, std::weak_ptr<Session>> sessions_;  // Protected by mutex_.

  // Only by the owner's thread.
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::vector<std::jthread> threads_;
};

Server::Impl::Impl(ServerOptions options, Router router)
    : options_(std::move(options)),
      router_(std::move(router)),
      cors_(options_.cors_origins),
      figures_(options_.figures != nullptr ? *options_.figures : own_figures_),
      budget_(options_.limits.inflight_body_bytes_max, figures_.body_bytes_inflight),
      control_(asio::make_strand(io_)),
      acceptor_(control_),
      pause_(control_),
      tick_(control_) {}

Result<void> Server::Impl::listen(const tcp::endpoint& endpoint) {
  SocketError ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(kBacklog, ec);
  if (!ec) acceptor_.non_blocking(true, ec);
  if (!ec) return {};
  acceptor_.close();
  const std::string place = options_.host + ":" + std::to_string(options_.port);
  if (ec == asio::error::address_in_use) {
    return Error{ErrorCode::kConflict, place + " is taken by another program"};
  }
  const bool foreign = ec == boost::system::errc::address_not_available;
  return Error{foreign ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
               "cannot listen on " + place + ": " + ec.message()};
}

Result<std::uint16_t> Server::Impl::start() {
  auto endpoint = endpoint_of(options_);
  if (!endpoint) return std::move(endpoint).error();
  if (auto listening = listen(*endpoint); !listening) return std::move(listening).error();
  const std::uint16_t port = acceptor_.local_endpoint().port();
  workers_.emplace(std::max<std::size_t>(options_.workers, 1), options_.limits.worker_queue_max);
  work_.emplace(io_.get_executor());
  asio::co_spawn(control_, accept_all(), asio::detached);
  asio::co_spawn(control_, sweep(), asio::detached);
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads = options_.threads > 0 ? options_.threads : cores;
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
  return port;
}

Task<void> Server::Impl::accept_all() {
  while (acceptor_.is_open()) {
    Socket socket(asio::make_strand(io_));
    SocketError ec;
    co_await acceptor_.async_accept(socket, asio::redirect_error(kAwait, ec));
    if (!ec) {
      take_in(std::move(socket));
    } else if (acceptor_.is_open() && ec != asio::error::connection_aborted) {
      pause_.expires_after(kAcceptPause);
      co_await pause_.async_wait(asio::redirect_error(kAwait, ec));
    }
  }
  accepted_all_.set_value();
}

bool Server::Impl::has_room() {
  const std::lock_guard lock(mutex_);
  return sessions_.size() < options_.limits.connections_max;
}

void Server::Impl::take_in(Socket socket) {
  figures_.connections_total.fetch_add(1, std::memory_order_relaxed);
  // Sessions are added here only, on one strand, so the room found stays.
  if (!has_room()) return refuse(std::move(socket));
  const auto session = std::make_shared<Session>(
      std::move(socket), SessionContext{options_.limits, router_, cors_, options_.clock, figures_,
                                        budget_, *workers_, shared_calls_});
  {
    const std::lock_guard lock(mutex_);
    sessions_.emplace(session.get(), session);
  }
  figures_.connections_open.fetch_add(1, std::memory_order_relaxed);
  asio::co_spawn(
      session->executor(), [session]() -> Task<void> { return session->run(); },
      [this, session](std::exception_ptr) { forget(session.get()); });
}

// Says so without waiting: the few bytes fit in the socket's buffer.
void Server::Impl::refuse(Socket socket) {
  figures_.connections_refused_total.fetch_add(1, std::memory_order_relaxed);
  Response response = problem(503, "Too many connections.", {.type = "/problems/overloaded"});
  response.headers.emplace_back("Retry-After", "1");
  std::string bytes;
  append_head(bytes, response, {.close = true});
  bytes += response.body;
  SocketError ec;
  socket.non_blocking(true, ec);
  socket.write_some(asio::buffer(bytes), ec);
  socket.shutdown(Socket::shutdown_send, ec);
  // Unread bytes would turn the close into a reset, which can overtake the answer.
  socket.read_some(asio::buffer(bytes), ec);
}

// Until stop() says so. A flag beside the cancelled timer: one that has just gone off is not
// cancelled any more.
Task<void> Server::Impl::sweep() {
  const auto period = sweep_period(options_.limits);
  while (!sweep_over_) {
    SocketError ec;
    tick_.expires_after(period);
    co_await tick_.async_wait(asio::redirect_error(kAwait, ec));
    const SteadyTime now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    for (const auto& [key, weak] : sessions_) {
      if (const auto session = weak.lock()) session->expire_if_overdue(now);
    }
  }
}

void Server::Impl::forget(const Session* session) {
  figures_.connections_open.fetch_sub(1, std::memory_order_relaxed);
  // Notified under the lock: the waiting owner may destroy everything right after.
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
  ended_.notify_all();
}

std::vector<std::shared_ptr<Session>> Server::Impl::sessions() {
  std::vector<std::shared_ptr<Session>> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, weak] : sessions_) {
    if (auto session = weak.lock()) all.push_back(std::move(session));
  }
  return all;
}

bool Server::Impl::wait_for_sessions(std::optional<std::chrono::milliseconds> timeout) {
  std::unique_lock lock(mutex_);
  const auto none = [this] { return sessions_.empty(); };
  if (timeout) return ended_.wait_for(lock, *timeout, none);
  ended_.wait(lock, none);
  return true;
}

// Connections that the kernel has completed are ours, whether we have looked at them or not.
void Server::Impl::drain_backlog() {
  for (;;) {
    Socket socket(asio::make_strand(io_));
    SocketError ec;
    acceptor_.accept(socket, ec);
    if (ec) break;
    take_in(std::move(socket));
  }
  SocketError ec;
  acceptor_.close(ec);
  pause_.cancel();
}

bool Server::Impl::stop(std::chrono::milliseconds deadline) {
  figures_.draining = true;
  if (!workers_) return true;
  asio::post(control_, [this] { drain_backlog(); });
  accepted_all_.get_future().wait();
  for (const auto& session : sessions()) session->drain();
  const bool graceful = wait_for_sessions(deadline);
  if (!graceful) {
    for (const auto& session : sessions()) session->cut();
    wait_for_sessions(std::nullopt);
  }
  asio::post(control_, [this] {
    sweep_over_ = true;
    tick_.cancel();
  });
  work_.reset();
  workers_.reset();
  threads_.clear();
  return graceful;
}

Server::Server(ServerOptions options, Router router)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router))) {}
Server::~Server() = default;
Result<std::uint16_t> Server::start() { return impl_->start(); }
bool Server::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }
const ServerFigures& Server::figures() const { return impl_->figures(); }

}  // namespace driftguard::http

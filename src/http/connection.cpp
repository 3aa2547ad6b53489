// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <cassert>

namespace driftguard::http {
namespace {

using ErrorCode = boost::system::error_code;

std::int64_t nanoseconds(SteadyTime t) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

}  // namespace

Connection::Connection(Socket socket) : socket_(std::move(socket)) {
  ErrorCode ec;
  socket_.non_blocking(true, ec);
  socket_.set_option(asio::ip::tcp::no_delay(true), ec);
  const auto endpoint = socket_.remote_endpoint(ec);
  if (!ec) peer_ = endpoint.address().to_string();
}

void Connection::arm(std::chrono::milliseconds timeout) {
  timed_out_ = false;
  woken_ = false;
  deadline_ns_.store(nanoseconds(std::chrono::steady_clock::now() + timeout),
                     std::memory_order_relaxed);
}

bool Connection::overdue(SteadyTime now) const {
  return nanoseconds(now) >= deadline_ns_.load(std::memory_order_relaxed);
}

// Tries before it waits: most reads of a body and all writes of a small answer need no turn of the
// event loop. After an answer it waits at once, as the next request is hardly there yet: the wait
// itself tries first, and a second try would be one more system call.
Task<std::size_t> Connection::read_some(asio::mutable_buffer buffer) {
  assert(buffer.size() > 0);
  for (bool wait = std::exchange(answered_, false);; wait = !wait) {
    if (timed_out_ || cut_) co_return 0;
    ErrorCode ec;
    std::size_t bytes = 0;
    if (wait && !woken_) {
      bytes = co_await socket_.async_read_some(buffer, asio::redirect_error(kAwait, ec));
    } else {
      bytes = socket_.read_some(buffer, ec);
    }
    if (!ec) co_return bytes;
    const bool cancelled = ec == asio::error::operation_aborted;
    if (!cancelled && (ec != asio::error::would_block || woken_)) co_return 0;
  }
}

Task<bool> Connection::write(std::array<asio::const_buffer, 2> buffers) {
  for (;;) {
    if (timed_out_ || cut_) co_return false;
    ErrorCode ec;
    std::size_t bytes = socket_.write_some(buffers, ec);
    for (asio::const_buffer& buffer : buffers) {
      const std::size_t part = std::min(bytes, buffer.size());
      buffer += part;
      bytes -= part;
    }
    answered_ = true;
    if (buffers[0].size() + buffers[1].size() == 0) co_return true;
    if (!ec) continue;
    if (ec != asio::error::would_block) co_return false;
    co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(kAwait, ec));
  }
}

Task<void> Connection::linger(std::chrono::milliseconds timeout, std::size_t bytes_max) {
  ErrorCode ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  arm(timeout);
  std::array<char, 16 << 10> waste;  // Uninitialized on purpose: only ever written to.
  for (std::size_t bytes = 0; bytes < bytes_max;) {
    const std::size_t some = co_await read_some(asio::buffer(waste));
    if (some == 0) break;
    bytes += some;
  }
}

void Connection::wake_up() {
  woken_ = true;
  ErrorCode ec;
  socket_.cancel(ec);
}

void Connection::time_out_if_overdue() {
  if (!overdue(std::chrono::steady_clock::now())) return;
  timed_out_ = true;
  ErrorCode ec;
  socket_.cancel(ec);
}

void Connection::cut() {
  cut_ = true;
  ErrorCode ec;
  socket_.close(ec);
}

}  // namespace driftguard::http

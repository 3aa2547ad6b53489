// SPDX-License-Identifier: Apache-2.0
// A socket with one deadline, for a coroutine that reads and writes in turn.
//
// A deadline is a number that the server's sweep looks at; setting it costs no timer. All members
// are called on the connection's strand, but for executor() and overdue(). Heavy header (Asio):
// only for .cpp files of this room.
#pragma once

#include <utility>  // Asio 1.74 forgets it for its coroutines.

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <string>

namespace driftguard::http {

namespace asio = boost::asio;

using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
template <typename T>
using Task = asio::awaitable<T, Strand>;
inline constexpr asio::use_awaitable_t<Strand> kAwait;

using SteadyTime = std::chrono::steady_clock::time_point;

class Connection final {
 public:
  explicit Connection(Socket socket);

  Strand executor() { return socket_.get_executor(); }
  const std::string& peer() const { return peer_; }

  // Every wait from now on ends at `timeout` from now.
  void arm(std::chrono::milliseconds timeout);
  void disarm() { deadline_ns_.store(kNever, std::memory_order_relaxed); }
  // Whether the deadline has passed. Any thread.
  bool overdue(SteadyTime now) const;

  // Some bytes, at least one; 0: the peer sends no more, or wake_up(), time_out() or cut() ended
  // it. Bytes that are there are returned even then, but for the last two.
  Task<std::size_t> read_some(asio::mutable_buffer buffer);
  // All of both buffers; false: the connection is of no further use.
  Task<bool> write(std::array<asio::const_buffer, 2> buffers);
  // Ends our side and lets the peer read the answer: takes what it still sends, within both bounds.
  Task<void> linger(std::chrono::milliseconds timeout, std::size_t bytes_max);

  // Makes reads end when they would have to wait, until the next arm().
  void wake_up();
  // If overdue, ends the wait and all further ones until the next arm().
  void time_out_if_overdue();
  bool timed_out() const { return timed_out_; }
  bool is_cut() const { return cut_; }
  // Closes the socket under whatever waits on it.
  void cut();

 private:
  static constexpr std::int64_t kNever = INT64_MAX;

  Socket socket_;
  std::string peer_;
  std::atomic<std::int64_t> deadline_ns_ = kNever;  // On the steady clock.
  bool timed_out_ = false;
  bool woken_ = false;
  bool answered_ = false;  // Nothing was read since the last write.
  bool cut_ = false;
};

}  // namespace driftguard::http

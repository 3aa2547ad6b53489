// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "load/address.h"

namespace driftguard::load {

// One keep-alive connection with at most one request under way. Owns its socket, which does not
// block. Not thread-safe.
class Connection final {
 public:
  enum class Step {
    kWaiting,   // The socket takes or gives no more for now.
    kAnswered,  // The whole answer is there: status() and body().
    kLost,      // Closed, reset, or no HTTP; send no more.
  };

  explicit Connection(int fd) : fd_(fd) {}
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  int fd() const { return fd_; }

  // Where the next request is to be written before begin(); keeps its memory.
  std::string& request() { return request_; }
  Step begin();
  // Writes and reads what is possible: to be called whenever the socket became ready.
  Step advance();

  int status() const { return status_; }
  std::string_view body() const;

 private:
  bool write_some();  // False: lost.
  Step read_some();
  bool read_head();

  int fd_;
  std::string request_;
  std::size_t sent_ = 0;
  bool under_way_ = false;
  std::string answer_;
  std::size_t head_bytes_ = 0;  // 0: the head is not complete.
  std::size_t body_bytes_ = 0;
  int status_ = 0;
};

}  // namespace driftguard::load

// SPDX-License-Identifier: Apache-2.0
#include "load/connection.h"

#include <strings.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <charconv>
#include <utility>

namespace driftguard::load {
namespace {

constexpr std::size_t kReadBytes = 16 << 10;

// The value of "Content-Length" in an answer's head; 0 where there is none.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  std::size_t length = 0;
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at)) {
    at += 2;
    if (head.size() - at < kName.size()) break;
    if (::strncasecmp(head.data() + at, kName.data(), kName.size()) != 0) continue;
    const char* digits = head.data() + at + kName.size();
    while (*digits == ' ') ++digits;
    std::from_chars(digits, head.data() + head.size(), length);
  }
  return length;
}

}  // namespace

Connection::Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {
  assert(!other.under_way_);
}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(fd_, other.fd_);
  under_way_ = other.under_way_ = false;
  return *this;
}

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
}

Connection::Step Connection::begin() {
  assert(!under_way_ && !request_.empty());
  under_way_ = true;
  sent_ = 0;
  answer_.clear();
  head_bytes_ = 0;
  return write_some() ? Step::kWaiting : Step::kLost;
}

Connection::Step Connection::advance() {
  if (under_way_ && !write_some()) return Step::kLost;
  return read_some();
}

std::string_view Connection::body() const {
  return std::string_view(answer_).substr(head_bytes_, body_bytes_);
}

bool Connection::write_some() {
  while (sent_ < request_.size()) {
    const ssize_t n = ::send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
    // A server that refuses may have answered already: reading tells.
    if (n < 0) return errno == EAGAIN || errno == EPIPE || errno == ECONNRESET;
    sent_ += static_cast<std::size_t>(n);
  }
  return true;
}

Connection::Step Connection::read_some() {
  char bytes[kReadBytes];
  std::size_t came = 0;
  for (ssize_t n = kReadBytes; n == static_cast<ssize_t>(kReadBytes);) {
    n = ::recv(fd_, bytes, kReadBytes, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return Step::kLost;
    if (n > 0) answer_.append(bytes, static_cast<std::size_t>(n));
    if (n > 0) came += static_cast<std::size_t>(n);
  }
  if (came == 0) return Step::kWaiting;
  if (!under_way_) return Step::kLost;  // An answer to nothing: the server is about to close.
  if (head_bytes_ == 0 && !read_head()) return Step::kWaiting;
  if (answer_.size() < head_bytes_ + body_bytes_) return Step::kWaiting;
  under_way_ = false;
  // A refusal before the whole request was read leaves the connection of no use.
  return sent_ < request_.size() ? Step::kLost : Step::kAnswered;
}

bool Connection::read_head() {
  const std::size_t end = answer_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string_view head = std::string_view(answer_).substr(0, end + 4);
  status_ = 0;
  if (head.size() > 12) std::from_chars(head.data() + 9, head.data() + 12, status_);
  body_bytes_ = content_length(head);
  head_bytes_ = head.size();
  return true;
}

}  // namespace driftguard::load

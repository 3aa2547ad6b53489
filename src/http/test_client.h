// SPDX-License-Identifier: Apache-2.0
// What the room's tests are written in: a server on a free port and a socket that sends exactly
// the bytes it is told. Only for _test.cpp files.
//
// No test sleeps; a read that gets nothing for kPatience fails the test instead of hanging it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/server.h"

namespace driftguard::http {

inline constexpr int kPatienceSeconds = 20;  // Sanitizers on a busy machine are slow.

// One answer as it came.
struct Answer {
  int status = 0;  // 0: the connection ended before a whole answer.
  std::string head;
  std::string body;

  // The value of the header (name in the case we send), or "".
  std::string header(std::string_view name) const {
    const std::string line = "\r\n" + std::string(name) + ": ";
    const std::size_t at = head.find(line);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + line.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class TestClient final {
 public:
  explicit TestClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{kPatienceSeconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~TestClient() { close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  TestClient(TestClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}

  // False: the server does not take it all.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() const { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  // Closes with a reset instead of an orderly end.
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }

  // One answer; `to_head`: of a HEAD request.
  Answer receive(bool to_head = false) {
    std::size_t end = std::string::npos;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return {};
    }
    Answer answer;
    answer.head = unread_.substr(0, end + 2);
    unread_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    if (to_head || answer.status < 200 || answer.status == 204) return answer;
    std::size_t size = 0;
    const std::string length = answer.header("Content-Length");
    std::from_chars(length.data(), length.data() + length.size(), size);
    while (unread_.size() < size) {
      if (!read_more()) return {};
    }
    answer.body = unread_.substr(0, size);
    unread_.erase(0, size);
    return answer;
  }

  // Whether the server ends the connection without sending more.
  bool ended() {
    while (unread_.empty()) {
      if (!read_more()) return !timed_out_;
    }
    return false;
  }
  bool timed_out() const { return timed_out_; }

 private:
  bool read_more() {
    char buffer[64 << 10];
    const ssize_t bytes = ::recv(fd_, buffer, sizeof buffer, 0);
    timed_out_ = bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (bytes > 0) unread_.append(buffer, static_cast<std::size_t>(bytes));
    return bytes > 0;
  }

  int fd_;
  std::string unread_;
  bool timed_out_ = false;
};

// A running server; stops at the end of its life.
class TestServer final {
 public:
  explicit TestServer(Router router, ServerOptions options = {}) {
    options.port = 0;
    if (options.threads == 0) options.threads = 2;
    server_ = std::make_unique<Server>(options, std::move(router));
    auto port = server_->start();
    EXPECT_TRUE(port.has_value());
    if (port) port_ = *port;
  }

  TestClient connect() const { return TestClient(port_); }
  Answer ask(std::string_view request) const {
    TestClient client = connect();
    client.send(request);
    return client.receive(request.starts_with("HEAD "));
  }
  Server& server() { return *server_; }
  std::uint16_t port() const { return port_; }

 private:
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

inline Response text(std::string body, int status = 200) {
  return {.status = status, .content_type = "text/plain", .body = std::move(body), .headers = {}};
}

inline std::string get(std::string_view path, std::string_view headers = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view headers = {}) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

// "/echo" answers the body, "/hello" a word.
inline Router echo_router() {
  Router router;
  router.add(Method::kPost, "/echo", [](Request&& request, const Respond& respond) {
    respond(text(std::move(request.body)));
  });
  router.add(Method::kGet, "/hello",
             [](Request&&, const Respond& respond) { respond(text("hello")); });
  return router;
}

}  // namespace driftguard::http

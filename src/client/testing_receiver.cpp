// SPDX-License-Identifier: Apache-2.0
#include "client/testing_receiver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace driftguard::client {

std::string testing_answer(int status, const std::string& headers, const std::string& body) {
  return fmt::format("HTTP/1.1 {} As Told\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                     status, headers, body.size(), body);
}

TestingReceiver::TestingReceiver(Answer answer) : answer_(std::move(answer)) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(socket_, any, size) != 0 || listen(socket_, 16) != 0 ||
      getsockname(socket_, any, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TestingReceiver::~TestingReceiver() {
  stop_ = true;
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
  close(socket_);
}

std::string TestingReceiver::url(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

std::vector<TestingReceiver::Got> TestingReceiver::got() const {
  const std::lock_guard lock(mutex_);
  return got_;
}

void TestingReceiver::set_answer(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void TestingReceiver::serve() {
  while (!stop_) {
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve_one(connection);
    close(connection);
  }
}

void TestingReceiver::serve_one(int connection) {
  std::string text;
  std::array<char, 4096> bytes{};
  std::size_t head = std::string::npos;
  std::size_t length = 0;
  while (head == std::string::npos || text.size() < head + 4 + length) {
    const ssize_t got = recv(connection, bytes.data(), bytes.size(), 0);
    if (got <= 0) return;
    text.append(bytes.data(), static_cast<std::size_t>(got));
    head = text.find("\r\n\r\n");
    const std::size_t at = text.find("Content-Length: ");
    if (at < head) length = std::strtoul(text.c_str() + at + 16, nullptr, 10);
  }
  std::string answer;
  {
    const std::lock_guard lock(mutex_);
    got_.push_back({text.substr(0, head), text.substr(head + 4)});
    answer = answer_(got_.size() - 1);
  }
  (void)!send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
}

}  // namespace driftguard::client

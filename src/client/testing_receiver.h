// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace driftguard::client {

// An HTTP server on loopback that keeps what is posted to it and answers as it is told: one request
// a connection, one connection after the other. Thread-safe.
class TestingReceiver final {
 public:
  struct Got {
    std::string head;  // The request line and the headers.
    std::string body;
  };
  // The whole answer to the request of this number, from 0; "" for none: the connection closes.
  using Answer = std::function<std::string(std::size_t number)>;

  explicit TestingReceiver(Answer answer);
  ~TestingReceiver();
  TestingReceiver(const TestingReceiver&) = delete;

  std::string url(const std::string& path = "/") const;
  std::vector<Got> got() const;
  void set_answer(Answer answer);

 private:
  void serve();
  void serve_one(int connection);

  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  Answer answer_;         // Guarded by mutex_.
  std::vector<Got> got_;  // Guarded by mutex_.
  std::thread thread_;
};

// "HTTP/1.1 503 ..." with these header lines, each with its end, and this body.
std::string testing_answer(int status, const std::string& headers = {},
                           const std::string& body = {});

}  // namespace driftguard::client

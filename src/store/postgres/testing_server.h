// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

namespace driftguard::store {

// A PostgreSQL server of its own for tests, from Debian's packages: in a temporary directory, on a
// Unix socket there, with fsync on. Stopped and removed with the object. As root it runs as the
// user `postgres`, since the server refuses root. psql() may be called from any
// thread; the rest is not thread-safe.
class TestingServer final {
 public:
  TestingServer();
  ~TestingServer();
  TestingServer(const TestingServer&) = delete;

  // Whether it came up; the reason why not is on stderr.
  bool running() const { return running_; }
  // Makes an empty database and gives its URL.
  std::string create_database();
  // Runs SQL with psql in the database of this URL; gives what it prints.
  std::string psql(const std::string& url, const std::string& sql);

  void stop_immediately();  // As a crash does: no checkpoint, connections are cut.
  void start();

 private:
  bool run(const std::string& command);

  std::filesystem::path directory_;
  bool running_ = false;
  int databases_ = 0;
  std::atomic<int> calls_ = 0;
};

}  // namespace driftguard::store

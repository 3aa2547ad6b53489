// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/testing_server.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace driftguard::store {
namespace {

namespace fs = std::filesystem;

fs::path find_programs() {
  if (const char* given = std::getenv("DRIFTGUARD_POSTGRES_BIN")) return given;
  std::error_code missing;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", missing)) {
    if (fs::exists(version.path() / "bin/initdb")) return version.path() / "bin";
  }
  return {};
}

}  // namespace

TestingServer::TestingServer() {
  const fs::path programs = find_programs();
  std::string name = (fs::temp_directory_path() / "driftguard_pg.XXXXXX").string();
  if (programs.empty() || !::mkdtemp(name.data())) {
    std::fprintf(stderr, "There is no PostgreSQL server to test with.\n");
    return;
  }
  directory_ = name;
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (!user || ::chown(name.c_str(), user->pw_uid, user->pw_gid) != 0) return;
  }
  // initdb's default: sync the new cluster; nobody needs that of a test's.
  if (!run((programs / "initdb").string() + " -N -A trust -U postgres -E UTF8 -D " + name +
           "/data")) {
    return;
  }
  std::ofstream(name + "/data/postgresql.auto.conf", std::ios::app)
      << "listen_addresses = ''\nunix_socket_directories = '" << name
      << "'\nfsync = on\nshared_buffers = 64MB\nmax_connections = 50\n";
  start();
}

TestingServer::~TestingServer() {
  if (running_) stop_immediately();
  std::error_code failed;
  if (!directory_.empty()) fs::remove_all(directory_, failed);
}

bool TestingServer::run(const std::string& command) {
  const std::string as_user = ::geteuid() == 0 ? "runuser -u postgres -- " : "";
  const std::string log = directory_.string() + "/commands.log";
  const bool done =
      std::system(("cd / && " + as_user + command + " >> " + log + " 2>&1").c_str()) == 0;
  if (!done) std::fprintf(stderr, "Failed: %s (see %s)\n", command.c_str(), log.c_str());
  return done;
}

void TestingServer::start() {
  const std::string data = directory_.string() + "/data";
  running_ = run((find_programs() / "pg_ctl").string() + " -w -t 60 -D " + data + " -l " + data +
                 "/server.log start");
}

void TestingServer::stop_immediately() {
  run((find_programs() / "pg_ctl").string() + " -w -D " + directory_.string() +
      "/data -m immediate stop");
  running_ = false;
}

std::string TestingServer::create_database() {
  const std::string name = "test" + std::to_string(++databases_);
  const std::string base = "postgresql:///";
  const std::string where = "?host=" + directory_.string() + "&user=postgres";
  psql(base + "postgres" + where, "CREATE DATABASE " + name);
  return base + name + where;
}

std::string TestingServer::psql(const std::string& url, const std::string& sql) {
  const std::string file = (directory_ / ("psql" + std::to_string(++calls_))).string();
  std::ofstream(file + ".sql") << sql;
  const std::string command =
      "psql -XAtq -v ON_ERROR_STOP=1 -f " + file + ".sql '" + url + "' > " + file + " 2>&1";
  const int failed = std::system(command.c_str());
  std::ifstream out(file);
  std::string text{std::istreambuf_iterator<char>(out), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return failed ? "psql failed: " + text : text;
}

}  // namespace driftguard::store

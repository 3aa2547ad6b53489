// SPDX-License-Identifier: Apache-2.0
#include "notify/command.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace driftguard::notify {
namespace {

using ::testing::HasSubstr;
using Kind = Outcome::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

const std::atomic<bool> kNever = false;

CommandOptions shell(const std::string& script, milliseconds timeout = seconds(20)) {
  return {{"/bin/sh", "-c", script}, timeout};
}

TEST(Command, GetsItsInputAndSaysHowItEnded) {
  const std::string input(300'000, 'x');  // More than a pipe holds.
  Outcome outcome = run_command(shell("test $(wc -c) = 300000"), input, kNever);
  EXPECT_EQ(outcome.kind, Kind::kDelivered) << outcome.detail;
  outcome = run_command(shell("echo no route >&2; exit 3"), "", kNever);
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.detail, "exit code 3: no route");
  outcome = run_command(shell("kill -9 $$"), "", kNever);
  EXPECT_EQ(outcome.detail, "killed by signal 9");
}

TEST(Command, ThatDoesNotExistIsSaidSo) {
  const Outcome outcome = run_command({{"/no/such/command"}, seconds(1)}, "", kNever);
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_THAT(outcome.detail, HasSubstr("No such file"));
}

TEST(Command, WritesAsMuchAsItLikes) {
  const Outcome outcome = run_command(shell("head -c 5000000 /dev/zero; exit 1"), "", kNever);
  EXPECT_THAT(outcome.detail, HasSubstr("exit code 1"));
  EXPECT_LT(outcome.detail.size(), 300u);
}

TEST(Command, TakingTooLongIsKilledWithItsChildren) {
  const auto file =
      std::filesystem::temp_directory_path() / ("driftguard_command_" + std::to_string(::getpid()));
  const auto begin = steady_clock::now();
  const Outcome outcome = run_command(
      shell("sleep 60 & echo $! > " + file.string() + "; wait", milliseconds(700)), "", kNever);
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.detail, "killed after 0.7 s");
  EXPECT_LT(steady_clock::now() - begin, seconds(20));
  pid_t child = 0;
  std::ifstream(file) >> child;
  std::filesystem::remove(file);
  ASSERT_GT(child, 0);
  const auto gone = [child] {  // Or waiting for whoever adopted it.
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    return text.empty() || text.find(") Z ") != std::string::npos;
  };
  for (int i = 0; i < 500 && !gone(); ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(gone());
}

TEST(Command, EndsWhenItIsStopped) {
  const std::atomic<bool> stop = true;
  EXPECT_EQ(run_command(shell("sleep 60"), "", stop).detail, "stopped");
}

TEST(Command, HasAlmostNoEnvironment) {
  ::setenv("DRIFTGUARD_TEST_LEAK", "1", 1);
  const Outcome outcome =
      run_command(shell("test -z \"$DRIFTGUARD_TEST_LEAK\" && test -n \"$PATH\""), "", kNever);
  EXPECT_EQ(outcome.kind, Kind::kDelivered) << outcome.detail;
  ::unsetenv("DRIFTGUARD_TEST_LEAK");
}

}  // namespace
}  // namespace driftguard::notify

// SPDX-License-Identifier: Apache-2.0
#include "notify/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "notify/secrets.h"

namespace driftguard::notify {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kSaidBytesMax = 4'096;  // Kept of what it writes; the rest is read and lost.
constexpr std::size_t kShownBytesMax = 200;
constexpr milliseconds kLook{20};  // So often it is looked at.

class File {
 public:
  explicit File(int fd = -1) : fd_(fd) {}
  ~File() { reset(); }
  File(const File&) = delete;
  int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// A file in memory that holds `input`, at its beginning; negative: there is no memory.
int input_file(const std::string& input) {
  const int fd = memfd_create("notice", MFD_CLOEXEC);
  std::size_t done = 0;
  while (fd >= 0 && done < input.size()) {
    const ssize_t wrote = write(fd, input.data() + done, input.size() - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  if (fd >= 0 && done == input.size() && lseek(fd, 0, SEEK_SET) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

// Starts it as the leader of a group of its own, with nothing open but the standard three. Gives
// the error, or 0.
int spawn(const std::vector<std::string>& words, int input, int output, pid_t* pid) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<std::string, 2> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  std::array<char*, 3> environment{variables[0].data(), variables[1].data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      posix_spawn(pid, arguments[0], &files, &attributes, arguments.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

void read_some(int fd, std::string* said) {
  std::array<char, 4'096> bytes{};
  ssize_t got = 0;
  while ((got = read(fd, bytes.data(), bytes.size())) > 0) {
    const std::size_t room = kSaidBytesMax - said->size();
    said->append(bytes.data(), std::min(static_cast<std::size_t>(got), room));
  }
}

// Whether it has ended; it can be waited for all the same, so its number is still its own.
bool has_ended(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

// Reads what it writes until it ends, its time is over or somebody stops it: whether it ended.
bool watch(pid_t pid, int output, steady_clock::time_point deadline, const std::atomic<bool>& stop,
           std::string* said) {
  pollfd event{output, POLLIN, 0};
  while (!stop && steady_clock::now() < deadline) {
    const bool ended = has_ended(pid);
    if (!ended) poll(&event, 1, static_cast<int>(kLook.count()));
    if (event.fd >= 0) read_some(output, said);
    if (ended) return true;
    if (event.revents == POLLHUP) event.fd = -1;  // It goes on without its output.
  }
  return false;
}

Outcome ended_with(int status, const std::string& said) {
  const std::string line =
      shortened(Secrets().masked(said.substr(0, said.find('\n'))), kShownBytesMax);
  const std::string told = line.empty() ? "" : ": " + line;
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    return {code == 0 ? Outcome::Kind::kDelivered : Outcome::Kind::kRetry,
            fmt::format("exit code {}{}", code, told), std::nullopt};
  }
  return {Outcome::Kind::kRetry, fmt::format("killed by signal {}{}", WTERMSIG(status), told),
          std::nullopt};
}

Outcome failed(std::string detail) {
  return {Outcome::Kind::kRetry, std::move(detail), std::nullopt};
}

}  // namespace

Outcome run_command(const CommandOptions& options, const std::string& input,
                    const std::atomic<bool>& stop) {
  const auto deadline = steady_clock::now() + options.timeout;
  const File in(input_file(input));
  std::array<int, 2> pipes{-1, -1};
  if (in.get() < 0 || pipe2(pipes.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return failed(fmt::format("no file for its input: {}", std::strerror(errno)));
  }
  const File output(pipes[0]);
  File written(pipes[1]);
  pid_t pid = -1;
  const int error = spawn(options.words, in.get(), written.get(), &pid);
  written.reset();
  if (error != 0) {
    return failed(fmt::format("{} does not start: {}", options.words[0], std::strerror(error)));
  }
  std::string said;
  const bool ended = watch(pid, output.get(), deadline, stop, &said);
  // Its group's number is taken as long as nobody has waited for it.
  kill(-pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (ended) return ended_with(status, said);
  return failed(stop ? "stopped" : fmt::format("killed after {} s", options.timeout.count() / 1e3));
}

Outcome CommandTarget::send(const Message& message, const std::atomic<bool>& stop) {
  using Json = nlohmann::ordered_json;
  const std::string text =
      message_json(message).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return run_command(options_, text, stop);
}

}  // namespace driftguard::notify

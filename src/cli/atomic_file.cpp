// SPDX-License-Identifier: Apache-2.0
#include "cli/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace driftguard::cli {
namespace {

namespace fs = std::filesystem;

// A descriptor that closes itself.
class Descriptor final {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Error failed(const fs::path& path, int code) {
  return {ErrorCode::kInternal,
          fmt::format("{} cannot be written: {}", path.string(),
                      std::error_code(code, std::generic_category()).message())};
}

bool write_beside(const fs::path& beside, std::string_view bytes, Durable durable) {
  constexpr int kMode = 0666;  // As the umask allows.
  const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
  if (file.get() < 0 || !write_all(file.get(), bytes)) return false;
  return durable == Durable::kNo || ::fsync(file.get()) == 0;
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view bytes, Durable durable) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(path, error);  // A link stays a link.
  if (error) target = path;
  const fs::path directory = target.has_parent_path() ? target.parent_path() : fs::path(".");
  fs::create_directories(directory, error);
  if (error) return failed(target, error.value());
  const fs::path beside =
      directory / fmt::format(".{}.{}.tmp", target.filename().string(), ::getpid());
  if (!write_beside(beside, bytes, durable) || ::rename(beside.c_str(), target.c_str()) != 0) {
    const int code = errno;
    ::unlink(beside.c_str());
    return failed(target, code);
  }
  if (durable == Durable::kYes) {
    const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) return failed(target, errno);
  }
  return {};
}

}  // namespace driftguard::cli

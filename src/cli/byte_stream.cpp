// SPDX-License-Identifier: Apache-2.0
#include "cli/byte_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <vector>

namespace driftguard::cli {
namespace {

constexpr std::size_t kBufferBytes = 256u << 10;

Error failed(const std::string& name, ErrorCode code, int error) {
  return {code,
          fmt::format("{}: {}", name, std::error_code(error, std::generic_category()).message())};
}

}  // namespace

// A buffered file. Its bytes lie in data() until they are taken.
class FileInput final {
 public:
  FileInput(std::string name, int fd, int stop_fd)
      : name_(std::move(name)), fd_(fd), stop_fd_(stop_fd), buffer_(kBufferBytes) {
    struct stat about {};
    if (::fstat(fd_, &about) == 0 && S_ISREG(about.st_mode)) {
      file_bytes_ = static_cast<std::uint64_t>(about.st_size);
    }
  }
  ~FileInput() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  FileInput(const FileInput&) = delete;
  FileInput& operator=(const FileInput&) = delete;

  const std::string& name() const { return name_; }
  std::string_view data() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void take(std::size_t bytes) {
    assert(bytes <= end_ - begin_);
    begin_ += bytes;
    position_ += bytes;
  }
  bool stopped() const { return stopped_; }
  std::uint64_t position() const { return position_; }
  std::uint64_t file_bytes() const { return file_bytes_; }

  // Reads more behind what is there; false at the end.
  Result<bool> fill() {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    assert(end_ < buffer_.size());
    for (;;) {
      if (told_to_stop()) return false;
      const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed(name_, ErrorCode::kInvalidArgument, errno);
      end_ += static_cast<std::size_t>(got);
      return got > 0;
    }
  }

 private:
  // Waits until there is something to read, or until it is told to stop.
  bool told_to_stop() {
    if (stop_fd_ < 0) return false;
    std::array<pollfd, 2> waits{pollfd{fd_, POLLIN, 0}, pollfd{stop_fd_, POLLIN, 0}};
    while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
    }
    stopped_ = stopped_ || (waits[1].revents & POLLIN) != 0;
    return stopped_;
  }

  const std::string name_;
  const int fd_;
  const int stop_fd_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t file_bytes_ = 0;
  bool stopped_ = false;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // As ByteStream::read().
  virtual Result<std::size_t> read(FileInput& input, char* out, std::size_t room) = 0;
};

namespace {

Error damaged(const FileInput& input, std::string_view what) {
  return {ErrorCode::kCorrupt,
          fmt::format("{}: {} near byte {}", input.name(), what, input.position())};
}

class PlainDecoder final : public Decoder {
 public:
  Result<std::size_t> read(FileInput& input, char* out, std::size_t room) override {
    if (input.data().empty()) {
      if (Result<bool> more = input.fill(); !more) return more.error();
    }
    const std::size_t size = input.data().copy(out, room);
    input.take(size);
    return size;
  }
};

// One gzip member after another.
class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    constexpr int kGzipOnly = 15 + 16;
    [[maybe_unused]] const int ready = ::inflateInit2(&stream_, kGzipOnly);
    assert(ready == Z_OK);
  }
  ~GzipDecoder() override { ::inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Result<std::size_t> read(FileInput& input, char* out, std::size_t room) override {
    for (;;) {
      if (input.data().empty() && !flushing_) {
        Result<bool> more = input.fill();
        if (!more) return more.error();
        if (!*more && in_member_ && !input.stopped()) return damaged(input, "gzip data ends early");
        if (!*more) return std::size_t{0};
      }
      Result<std::size_t> made = inflate(input, out, room);
      if (!made || *made > 0) return made;
    }
  }

 private:
  Result<std::size_t> inflate(FileInput& input, char* out, std::size_t room) {
    std::string_view data = input.data();
    // zlib does not write there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream_.avail_in = static_cast<uInt>(data.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    in_member_ = true;
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    input.take(data.size() - stream_.avail_in);
    flushing_ = code != Z_STREAM_END && stream_.avail_out == 0;
    if (code == Z_STREAM_END) {
      in_member_ = false;
      ::inflateReset(&stream_);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return damaged(input, "gzip data is damaged");
    }
    return room - stream_.avail_out;
  }

  z_stream stream_{};
  bool in_member_ = false;
  bool flushing_ = false;  // The decoder may hold more than fitted.
};

// One zstd frame after another.
class ZstdDecoder final : public Decoder {
 public:
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }
  ZstdDecoder() = default;
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  Result<std::size_t> read(FileInput& input, char* out, std::size_t room) override {
    for (;;) {
      if (input.data().empty() && !flushing_) {
        Result<bool> more = input.fill();
        if (!more) return more.error();
        if (!*more && in_frame_ && !input.stopped()) return damaged(input, "zstd data ends early");
        if (!*more) return std::size_t{0};
      }
      Result<std::size_t> made = decompress(input, out, room);
      if (!made || *made > 0) return made;
    }
  }

 private:
  Result<std::size_t> decompress(FileInput& input, char* out, std::size_t room) {
    ZSTD_inBuffer from{input.data().data(), input.data().size(), 0};
    ZSTD_outBuffer to{out, room, 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &to, &from);
    if (ZSTD_isError(code)) {
      return damaged(input, fmt::format("zstd data is damaged ({})", ZSTD_getErrorName(code)));
    }
    input.take(from.pos);
    in_frame_ = code != 0;
    flushing_ = in_frame_ && to.pos == room;
    return to.pos;
  }

  ZSTD_DStream* stream_ = ZSTD_createDStream();
  bool in_frame_ = false;
  bool flushing_ = false;  // As above.
};

std::unique_ptr<Decoder> decoder_for(std::string_view head) {
  if (head.starts_with("\x1f\x8b")) return std::make_unique<GzipDecoder>();
  if (head.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<ZstdDecoder>();
  return std::make_unique<PlainDecoder>();
}

}  // namespace

ByteStream::ByteStream(std::unique_ptr<FileInput> input, std::unique_ptr<Decoder> decoder)
    : input_(std::move(input)), decoder_(std::move(decoder)) {}
ByteStream::~ByteStream() = default;
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;

Result<ByteStream> ByteStream::open(const std::string& path, int stop_fd) {
  const bool standard = path == "-";
  const int fd = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return failed(path, errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
                  errno);
  }
  auto input = std::make_unique<FileInput>(standard ? "standard input" : path, fd, stop_fd);
  constexpr std::size_t kMagicBytes = 4;
  while (input->data().size() < kMagicBytes) {
    Result<bool> more = input->fill();
    if (!more) return more.error();
    if (!*more) break;
  }
  auto decoder = decoder_for(input->data());
  return ByteStream(std::move(input), std::move(decoder));
}

Result<std::size_t> ByteStream::read(char* out, std::size_t room) {
  return decoder_->read(*input_, out, room);
}

bool ByteStream::stopped() const { return input_->stopped(); }
std::uint64_t ByteStream::file_position() const { return input_->position(); }
std::uint64_t ByteStream::file_bytes() const { return input_->file_bytes(); }

}  // namespace driftguard::cli

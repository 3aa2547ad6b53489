// SPDX-License-Identifier: Apache-2.0
// The bytes of a file, decompressed on the way. gzip and zstd are known by their first bytes, not
// by the file's name. Memory is bounded: a buffer of the file, and the codec's window (gzip 32 KiB,
// zstd at most 128 MiB, as its own tool allows).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace driftguard::cli {

// Turns the bytes of a file into those it stands for.
class Decoder;
class FileInput;

// Not thread-safe.
class ByteStream final {
 public:
  // "-" is standard input. While `stop_fd` (if there is one) can be read, the stream ends.
  // kNotFound, kInvalidArgument: the file cannot be opened, with the reason.
  static Result<ByteStream> open(const std::string& path, int stop_fd = -1);
  ~ByteStream();
  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;

  // Fills up to `room` bytes; 0 is the end. kCorrupt: the compressed data is damaged or ends early.
  Result<std::size_t> read(char* out, std::size_t room);

  bool stopped() const;                 // Ended by stop_fd, not by the file.
  std::uint64_t file_position() const;  // Bytes of the file used up so far.
  std::uint64_t file_bytes() const;     // 0: not known.

 private:
  ByteStream(std::unique_ptr<FileInput> input, std::unique_ptr<Decoder> decoder);

  std::unique_ptr<FileInput> input_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace driftguard::cli

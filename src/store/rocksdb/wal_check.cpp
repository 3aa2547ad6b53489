// SPDX-License-Identifier: Apache-2.0
// The format, RocksDB's (db/log_format.h): blocks of 32 KiB; in a block, fragments with a head of
// masked CRC-32C (4), length (2), type (1), little-endian; a fragment never crosses a block's
// end, and fewer than seven bytes there are padding. A record is one kFull fragment, or a kFirst,
// some kMiddle and a kLast one.
#include "store/rocksdb/wal_check.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace driftguard::store {
namespace {

constexpr std::size_t kBlock = 32768;
constexpr std::size_t kHead = 7;
constexpr std::uint8_t kFull = 1, kFirst = 2, kLast = 4;

constexpr std::array<std::uint32_t, 256> crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto kCrcTable = crc32c_table();

std::uint32_t masked_crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc = kCrcTable[(crc ^ static_cast<std::uint8_t>(c)) & 0xff] ^ (crc >> 8);
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

struct Fragment {
  std::uint8_t type = 0;  // Zero: what is there is no sound fragment.
  std::size_t size = 0;   // With its head.
};

std::uint32_t little_endian(std::string_view bytes, std::size_t count) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    n |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  }
  return n;
}

Fragment read_fragment(std::string_view rest) {
  const auto type = static_cast<std::uint8_t>(rest[6]);
  const std::size_t length = little_endian(rest.substr(4), 2);
  if (type < kFull || type > kLast || kHead + length > rest.size()) return {};
  const bool sound = little_endian(rest, 4) == masked_crc32c(rest.substr(6, 1 + length));
  return sound ? Fragment{type, kHead + length} : Fragment{};
}

}  // namespace

std::optional<std::uint64_t> find_lost_record(std::istream& log) {
  std::optional<std::uint64_t> damage;
  std::string buffer(kBlock, '\0');
  for (std::uint64_t start = 0; log; start += kBlock) {
    log.read(buffer.data(), kBlock);
    const std::string_view block(buffer.data(), static_cast<std::size_t>(log.gcount()));
    std::size_t at = 0;
    while (at + kHead <= block.size()) {
      const Fragment fragment = read_fragment(block.substr(at));
      if (fragment.type == 0) {
        if (!damage) damage = start + at;
        ++at;  // Its length cannot be trusted: the next fragment may begin anywhere.
        continue;
      }
      const bool begins_record = fragment.type == kFull || fragment.type == kFirst;
      if (damage && begins_record) return damage;
      at += fragment.size;
    }
  }
  return std::nullopt;
}

Result<void> check_wals(const std::string& directory) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    if (entry.path().extension() != ".log") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    if (!file) {
      return Error{ErrorCode::kUnavailable, "Cannot read " + entry.path().string() + "."};
    }
    const auto lost = find_lost_record(file);
    if (!lost) continue;
    return Error{ErrorCode::kCorrupt, "The log " + entry.path().string() + " is damaged at byte " +
                                          std::to_string(*lost) +
                                          ", with answered commits behind it; restore a backup."};
  }
  if (failed) return Error{ErrorCode::kUnavailable, "Cannot list " + directory + "."};
  return {};
}

}  // namespace driftguard::store

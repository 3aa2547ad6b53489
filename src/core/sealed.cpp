// SPDX-License-Identifier: Apache-2.0
#include "core/sealed.h"

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/hash.h"

namespace driftguard {
namespace {

constexpr std::size_t kChecksumBytes = 8;

}  // namespace

std::string seal(std::string bytes) {
  const std::uint64_t checksum = hash64(bytes);
  ByteWriter(bytes).fixed64(checksum);
  return bytes;
}

Result<std::string_view> unseal(std::string_view bytes, std::uint8_t version,
                                std::string_view what) {
  const auto corrupt = [what](std::string_view why) {
    return Error{ErrorCode::kCorrupt, fmt::format("{} does not read back: {}", what, why)};
  };
  if (bytes.size() <= kChecksumBytes) return corrupt("it is too short");
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader trailer(bytes.substr(body.size()));
  if (trailer.fixed64() != hash64(body)) return corrupt("its checksum is wrong");
  const auto found = static_cast<std::uint8_t>(body.front());
  if (found != version) return corrupt(fmt::format("its format version is {}", found));
  return body.substr(1);
}

}  // namespace driftguard

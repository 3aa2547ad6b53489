// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <xxhash.h>

#include "core/bytes.h"

namespace driftguard {

std::uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string fingerprint128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  std::string out;
  ByteWriter writer(out);
  writer.fixed64(hash.low64);
  writer.fixed64(hash.high64);
  return out;
}

}  // namespace driftguard

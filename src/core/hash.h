// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace driftguard {

// XXH3 with a fixed seed: stable across machines and versions, so it may be stored.
std::uint64_t hash64(std::string_view bytes);

// The 128-bit XXH3 of `bytes` as 16 raw bytes; equal bodies have equal fingerprints.
std::string fingerprint128(std::string_view bytes);

}  // namespace driftguard

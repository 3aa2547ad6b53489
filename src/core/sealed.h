// SPDX-License-Identifier: Apache-2.0
// Bytes that are stored: a format version in front, a checksum over all of it behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace driftguard {

// `bytes` begin with their version, as a byte; gives them with the checksum behind.
std::string seal(std::string bytes);

// What lies between version and checksum, borrowed from `bytes`. kCorrupt, naming `what` (such as
// "a stored rollup"), if they are damaged or of another version.
Result<std::string_view> unseal(std::string_view bytes, std::uint8_t version,
                                std::string_view what);

}  // namespace driftguard

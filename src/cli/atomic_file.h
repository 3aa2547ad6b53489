// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace driftguard::cli {

enum class Durable { kNo, kYes };

// Writes a file so that readers, and a crash, see the old bytes or the new ones and nothing
// between: beside it first, then renamed over it. Missing directories are made. With kYes the bytes
// are on the disk when it returns; with kNo only a crash of the machine can bring the old ones
// back.
Result<void> write_file(const std::string& path, std::string_view bytes, Durable durable);

}  // namespace driftguard::cli

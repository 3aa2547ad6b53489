// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "core/result.h"

namespace driftguard::store {

// Looks for what RocksDB's point-in-time recovery would pass over in silence: a damaged record
// of a write-ahead log with further records behind it. A record is written only after the one
// before was synced and answered, so a torn one is always the last: damage in the middle means
// that the disk has lost events that were promised. kCorrupt names the file and the place.
// Reads the logs once (RocksDB is about to do the same); nobody may write to them meanwhile.
Result<void> check_wals(const std::string& directory);

// The same for the bytes of one log: the offset of the first damaged record that has a further
// record behind it; empty when there is none. Holds one block in memory.
std::optional<std::uint64_t> find_lost_record(std::istream& log);

}  // namespace driftguard::store

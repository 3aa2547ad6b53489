// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace driftguard::cli {

// The columns' names, and the end of the line.
inline constexpr std::string_view kEventCsvHead =
    "ts,service,endpoint,host,status,duration_ms,payload\r\n";

// Appends one event, given as JSON, as a line of CSV (RFC 4180): its time in UTC, its own fields
// where they are there, and the whole of it in the last column.
void append_event_csv(std::string_view event, std::string& out);

}  // namespace driftguard::cli

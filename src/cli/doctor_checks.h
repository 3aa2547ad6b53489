// SPDX-License-Identifier: Apache-2.0
// What `doctor` looks at, a finding each. None of them changes anything, but that opening the
// embedded store may finish what a crash left undone.
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"
#include "core/config.h"

namespace driftguard::cli {

enum class Health { kOk, kWarn, kFail };

struct Finding {
  std::string name;
  Health health = Health::kOk;
  std::string detail;
  std::string advice;  // What to do; empty when nothing is needed.
};

// What a server says of itself.
struct ServerSight {
  Finding finding;
  std::optional<Microseconds> clock_ahead;  // Of ours.
};

// The server at `url` answers, and its store does.
ServerSight check_server(const std::string& url, const Clock& clock);
// The store opens with this program's format; one that a server holds is that server's business,
// who is asked at `url` (empty: where it listens by the configuration).
Finding check_store(const Config& config, const std::string& url, const Clock& clock);
// The clock is plausible and agrees with a server's, if there is one.
Finding check_clock(const Clock& clock, std::optional<Microseconds> server_ahead,
                    const Config& config);
// There is room where the embedded store is, or would be; a server at `url` (empty: where it
// listens by the configuration) is asked how fast it fills.
Finding check_disk(const Config& config, const std::string& url);
// What is dropped, and when.
Finding check_retention(const Config& config);
// The pinned baseline file reads.
Finding check_baseline_file(const Config& config);
// A server could listen there, or ours does.
Finding check_listen(const Config& config);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace driftguard::cli {

// DRIFTGUARD_LISTEN in its parts; "[::1]:8000" has the host "::1".
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

// kInvalidArgument: not HOST:PORT.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace driftguard::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"

namespace driftguard::load {

// Where requests go: the parts of an http:// URL.
struct Address {
  std::string host;
  std::string port;
  std::string target;  // Path and query; "" where the URL has none.
};

// kInvalidArgument unless it is "http://HOST[:PORT][/PATH]"; HOST may be "[::1]".
Result<Address> parse_url(std::string_view url);

// A connected socket that does not block, without Nagle's delay; the caller closes it.
// kUnavailable says why there is none.
Result<int> dial(const Address& address);

}  // namespace driftguard::load

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace driftguard::notify {

// HMAC-SHA256 of `timestamp` + "." + `body` by `secret`, in lower-case hexadecimal. Pure.
std::string signature_of(std::string_view secret, std::string_view timestamp,
                         std::string_view body);

}  // namespace driftguard::notify

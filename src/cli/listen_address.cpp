// SPDX-License-Identifier: Apache-2.0
#include "cli/listen_address.h"

#include <fmt/format.h>

#include <charconv>

namespace driftguard::cli {

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  ListenAddress address;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("DRIFTGUARD_LISTEN: \"{}\" is not HOST:PORT", text)};
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {  // [::1]:8000
    host = host.substr(1, host.size() - 2);
  }
  address.host = std::string(host);
  return address;
}

}  // namespace driftguard::cli

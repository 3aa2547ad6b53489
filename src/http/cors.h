// SPDX-License-Identifier: Apache-2.0
// Which web pages may call us from a browser.
//
// An origin is allowed if it is in the list or is the server's own (its authority equals the Host
// header). An allowed one is echoed, never "*", and never with credentials: we know no cookies.
// Constant after construction; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftguard::http {

class Cors final {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // `origins` as browsers write them: scheme://host[:port], no slash at the end.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  bool allows(std::string_view origin, std::string_view host) const;

  // Adds what any answer needs: `Vary: Origin` always (caches must not mix), and the allowance if
  // there is an `origin` and it is allowed.
  void decorate(std::optional<std::string_view> origin, std::string_view host,
                Headers& headers) const;

  // Adds what the answer to a preflight needs beside decorate(); `allow` names the methods. Nothing
  // for an origin that is not allowed.
  void decorate_preflight(std::string_view origin, std::string_view host, std::string_view allow,
                          Headers& headers) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace driftguard::http

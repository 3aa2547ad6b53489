// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftguard::notify {

// Texts that must not be shown, and what is left of a text without them. Immutable.
class Secrets final {
 public:
  // All of an URL behind its host, each part of its path and query by itself, and who it logs in.
  void add_url(std::string_view url);
  void add(std::string_view secret);

  // With "***" instead of each; control characters become spaces.
  std::string masked(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  // The longest first.
};

}  // namespace driftguard::notify
